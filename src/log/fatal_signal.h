// Config::fatal_signals.
//
// SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT: a CRITICAL line "Fatal signal" with the stack, everything queued
// is written, then whatever handled the signal before: by default a core dump and the exit status as ever.
// SIGTERM and SIGINT, where the program leaves them to the system: only what is queued is written.
//
// The handler itself does next to nothing: it notes where it was and waits, for a bounded time, for a thread
// that was made for this and does the rest in a sane state. When that cannot be done - the crash was inside
// the backend, or holds a lock that is needed - the line waits in the queue's file for recovery.
#pragma once

namespace taffrail::log {

// Once a process; again for one that was forked: ServeFatalSignals.
void CatchFatalSignals();
void ServeFatalSignals();
// A stack for the handler, so that an overflow of this thread's can be told. Nothing without
// CatchFatalSignals, or when the thread has one.
void GiveSignalStack();
void TakeSignalStack();  // before the thread ends

}  // namespace taffrail::log
