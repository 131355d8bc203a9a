// The same cases with standalone Asio where it is installed.
#include <gtest/gtest.h>

#if __has_include(<asio.hpp>)
#define ASIO_STANDALONE
#include "../../src/context/asio_test.cc"
#else
TEST(StandaloneAsio, IsNotInstalled) { GTEST_SKIP() << "libasio-dev is not installed"; }
#endif
