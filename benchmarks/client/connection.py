"""As little of an HTTP client as measuring needs: one connection, kept open, and bodies that the kernel
copies from the file."""

import os
import socket
import time


class Connection:
    def __init__(self, port):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def close(self):
        self.socket.close()

    def get(self, target):
        self.follow(target)
        return self._answer()

    def post_file(self, target, file, begin, end):
        """Sends the bytes [begin, end) of a file."""
        self.socket.sendall(f"POST {target} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-ndjson\r\n"
                            f"Content-Length: {end - begin}\r\n\r\n".encode())
        while begin < end:
            begin += os.sendfile(self.socket.fileno(), file.fileno(), begin, end - begin)
        return self._answer()

    def post(self, target, body, content_type="application/x-ndjson"):
        self.socket.sendall(f"POST {target} HTTP/1.1\r\nHost: bench\r\nContent-Type: {content_type}\r\n"
                            f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return self._answer()

    def first_bytes_s(self, target):
        """Seconds until the body begins to arrive. Nothing can be asked here afterwards."""
        begin = time.monotonic()
        self.follow(target)
        while self._line():
            pass
        size = self._line()  # of the first chunk
        if int(size, 16) == 0:
            raise SystemExit(f"nothing is found by {target}")
        self._bytes(1)
        return time.monotonic() - begin

    def follow(self, target):
        """Asks for an answer that does not end; wait_for() reads it, and nothing else can be asked here."""
        self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())

    def wait_for(self, text, timeout_s):
        """Until the text has come; False when it does not."""
        self.socket.settimeout(timeout_s)
        try:
            while text not in self.buffer:
                self._more()
        except TimeoutError:
            return False
        self.buffer = self.buffer.partition(text)[2]
        return True

    def _more(self):
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.buffer += piece

    def _line(self):
        while b"\r\n" not in self.buffer:
            self._more()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _bytes(self, count):
        while len(self.buffer) < count:
            self._more()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _answer(self):
        """(status, body)"""
        status = int(self._line().split()[1])
        headers = {}
        while line := self._line():
            name, value = line.split(b":", 1)
            headers[name.strip().lower()] = value.strip().lower()
        if headers.get(b"transfer-encoding") == b"chunked":
            body = b""
            while size := int(self._line(), 16):
                body += self._bytes(size)
                self._line()
            self._line()
        else:
            body = self._bytes(int(headers.get(b"content-length", 0)))
        return status, body
