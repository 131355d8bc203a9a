// A template taken apart: what parser.cc makes and run.cc walks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/templates/value.h"

namespace taffrail::query::templates {

struct Pipeline;

// .a.b   $x.a   "text"   1.5   (pipeline).a   name
struct Operand {
  enum class Kind : uint8_t { kDot, kVariable, kConstant, kPipeline, kFunction };
  Kind kind = Kind::kDot;
  std::string name;                 // kVariable, kFunction
  Value constant;                   // kConstant
  std::shared_ptr<Pipeline> inner;  // kPipeline
  std::vector<std::string> path;    // fields taken of it
};

// operand { operand }: a function and its arguments, or one value.
struct Command {
  std::vector<Operand> operands;
};

// [ $x := ] command { | command }
struct Pipeline {
  std::vector<std::string> variables;  // one, or two in range
  bool declares = false;               // := and not =
  std::vector<Command> commands;
};

struct Node {
  enum class Kind : uint8_t { kText, kPrint, kIf, kRange, kWith, kBreak, kContinue };
  Kind kind = Kind::kText;
  std::string text;
  Pipeline pipeline;
  std::vector<Node> body;
  std::vector<Node> otherwise;
};

}  // namespace taffrail::query::templates
