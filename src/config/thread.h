// Threads of ours in a program of others.
#pragma once

#include <functional>
#include <thread>

namespace taffrail::config {

// A thread on which no signal is handled: signals are the program's. The name has at most 15 bytes.
std::thread StartThread(const char* name, std::function<void()> run);

}  // namespace taffrail::config
