#include "cmd/command.h"

int main(int argc, char** argv) { return taffrail::cmd::Main(argc, argv); }
