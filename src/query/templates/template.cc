// Walks the nodes of a template.
#include "query/templates/template.h"

#include <optional>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "query/templates/functions.h"
#include "query/templates/parser.h"

namespace taffrail::query::templates {
namespace {

// Of one run: nodes printed and functions called. Loops over the items of a line's own JSON stay far below.
constexpr size_t kMaxSteps = 100'000;

enum class Signal : uint8_t { kGoOn, kBreak, kContinue };

class Runner {
 public:
  Runner(const Fields& fields, CallContext& context, std::string& out)
      : fields_(fields), context_(context), out_(out), limit_(out.size() + kMaxOutputBytes) {}

  absl::StatusOr<Signal> RunAll(const std::vector<Node>& nodes) {
    const size_t scope = variables_.size();
    for (const Node& node : nodes) {
      TAFFRAIL_ASSIGN_OR_RETURN(const Signal signal, Run(node));
      if (signal != Signal::kGoOn) {
        variables_.resize(scope);
        return signal;
      }
    }
    variables_.resize(scope);
    return Signal::kGoOn;
  }

 private:
  absl::Status Step() {
    if (++steps_ <= kMaxSteps) return absl::OkStatus();
    return absl::ResourceExhaustedError(fmt::format("the template takes more than {} steps", kMaxSteps));
  }

  absl::Status Print(std::string_view text) {
    if (out_.size() + text.size() > limit_) {
      return absl::ResourceExhaustedError(fmt::format("a line longer than {} bytes", kMaxOutputBytes));
    }
    out_ += text;
    return absl::OkStatus();
  }

  absl::StatusOr<Signal> Run(const Node& node) {
    TAFFRAIL_RETURN_IF_ERROR(Step());
    switch (node.kind) {
      case Node::Kind::kText:
        TAFFRAIL_RETURN_IF_ERROR(Print(node.text));
        return Signal::kGoOn;
      case Node::Kind::kPrint: {
        TAFFRAIL_ASSIGN_OR_RETURN(const Value value, Evaluate(node.pipeline));
        if (node.pipeline.variables.empty()) TAFFRAIL_RETURN_IF_ERROR(Print(ToText(value)));
        return Signal::kGoOn;
      }
      case Node::Kind::kIf:
      case Node::Kind::kWith:
        return RunBranch(node);
      case Node::Kind::kRange:
        return RunRange(node);
      case Node::Kind::kBreak:
        return Signal::kBreak;
      case Node::Kind::kContinue:
        return Signal::kContinue;
    }
    return Signal::kGoOn;
  }

  absl::StatusOr<Signal> RunBranch(const Node& node) {
    const size_t scope = variables_.size();
    TAFFRAIL_ASSIGN_OR_RETURN(const Value value, Evaluate(node.pipeline));
    const std::optional<Value> outer = dot_;
    const bool taken = IsTrue(value);
    if (taken && node.kind == Node::Kind::kWith) dot_ = value;
    auto signal = RunAll(taken ? node.body : node.otherwise);
    dot_ = outer;
    variables_.resize(scope);
    return signal;
  }

  absl::StatusOr<Signal> RunRange(const Node& node) {
    const size_t scope = variables_.size();
    TAFFRAIL_ASSIGN_OR_RETURN(const Value value, EvaluateCommands(node.pipeline));
    std::vector<std::pair<Value, Value>> items;
    if (const auto* list = value.As<std::shared_ptr<const List>>()) {
      for (size_t i = 0; i < (*list)->size(); ++i) items.emplace_back(static_cast<int64_t>(i), (**list)[i]);
    } else if (const auto* map = value.As<std::shared_ptr<const Map>>()) {
      for (const auto& [key, item] : **map) items.emplace_back(key, item);
    } else if (!value.IsNil()) {
      return absl::InvalidArgumentError("range can't iterate over " + ToText(value));
    }
    if (items.empty()) return RunAll(node.otherwise);
    const std::optional<Value> outer = dot_;
    for (auto& [key, item] : items) {
      const std::vector<std::string>& names = node.pipeline.variables;
      if (names.size() == 2) variables_.emplace_back(names[0], key);
      if (!names.empty()) variables_.emplace_back(names.back(), item);
      dot_ = item;
      const auto signal = RunAll(node.body);
      variables_.resize(scope);
      if (!signal.ok()) return signal;
      if (*signal == Signal::kBreak) break;
    }
    dot_ = outer;
    return Signal::kGoOn;
  }

  absl::StatusOr<Value> Evaluate(const Pipeline& pipeline) {
    TAFFRAIL_ASSIGN_OR_RETURN(Value value, EvaluateCommands(pipeline));
    for (const std::string& name : pipeline.variables) {
      if (pipeline.declares) {
        variables_.emplace_back(name, value);
        continue;
      }
      for (auto known = variables_.rbegin(); known != variables_.rend(); ++known) {
        if (known->first != name) continue;
        known->second = value;
        break;
      }
    }
    return value;
  }

  absl::StatusOr<Value> EvaluateCommands(const Pipeline& pipeline) {
    std::optional<Value> piped;
    for (const Command& command : pipeline.commands) {
      TAFFRAIL_ASSIGN_OR_RETURN(piped, EvaluateCommand(command, piped));
    }
    return *std::move(piped);
  }

  absl::StatusOr<std::optional<Value>> EvaluateCommand(const Command& command,
                                                       const std::optional<Value>& piped) {
    const Operand& head = command.operands[0];
    if (head.kind != Operand::Kind::kFunction) {
      TAFFRAIL_ASSIGN_OR_RETURN(Value value, Read(head));
      return std::optional<Value>(std::move(value));
    }
    TAFFRAIL_RETURN_IF_ERROR(Step());
    std::vector<Value> arguments;
    for (size_t i = 1; i < command.operands.size(); ++i) {
      TAFFRAIL_ASSIGN_OR_RETURN(Value argument, Read(command.operands[i]));
      arguments.push_back(std::move(argument));
    }
    if (piped) arguments.push_back(*piped);
    const FunctionEntry* const function = FindFunction(head.name);
    TAFFRAIL_ASSIGN_OR_RETURN(Value value, Call(*function, arguments, context_));
    return std::optional<Value>(std::move(value));
  }

  absl::StatusOr<Value> Read(const Operand& operand) {
    switch (operand.kind) {
      case Operand::Kind::kConstant:
        return operand.constant;
      case Operand::Kind::kFunction:
        return Call(*FindFunction(operand.name), {}, context_);
      case Operand::Kind::kPipeline: {
        TAFFRAIL_ASSIGN_OR_RETURN(const Value value, Evaluate(*operand.inner));
        return TakePath(value, operand.path, 0);
      }
      case Operand::Kind::kVariable:
        for (auto known = variables_.rbegin(); known != variables_.rend() && !operand.name.empty(); ++known) {
          if (known->first == operand.name) return TakePath(known->second, operand.path, 0);
        }
        return ReadFields(operand.path);  // "$": all fields
      case Operand::Kind::kDot:
        return dot_ ? TakePath(*dot_, operand.path, 0) : ReadFields(operand.path);
    }
    return Value();
  }

  absl::StatusOr<Value> ReadFields(const std::vector<std::string>& path) {
    if (path.empty()) return AllFields();
    std::string text;
    fields_.Find(path[0], text);
    return TakePath(Value(std::move(text)), path, 1);
  }

  Value AllFields() {
    if (all_fields_ == nullptr) {
      auto all = std::make_shared<Map>();
      fields_.ForEach([&all](std::string_view name, std::string_view value) {
        all->emplace(std::string(name), Value(value));
      });
      context_.all_fields = all.get();
      all_fields_ = std::move(all);
    }
    return Value(all_fields_);
  }

  static absl::StatusOr<Value> TakePath(const Value& from, const std::vector<std::string>& path,
                                        size_t first) {
    Value value = from;
    for (size_t i = first; i < path.size(); ++i) {
      const auto* map = value.As<std::shared_ptr<const Map>>();
      if (map == nullptr) {
        return absl::InvalidArgumentError(
            fmt::format("can't evaluate field {} of a value that has none", path[i]));
      }
      const auto found = (*map)->find(path[i]);
      Value next = found == (*map)->end() ? Value() : Value(found->second);
      value = std::move(next);
    }
    return value;
  }

  const Fields& fields_;
  CallContext& context_;
  std::string& out_;
  const size_t limit_;
  size_t steps_ = 0;
  std::optional<Value> dot_;  // none: the fields
  std::shared_ptr<const Map> all_fields_;
  std::vector<std::pair<std::string, Value>> variables_;
};

}  // namespace

class Template::Impl {
 public:
  std::vector<Node> nodes;
  CallContext context;
};

absl::StatusOr<std::unique_ptr<Template>> Template::Parse(std::string_view text, int64_t now_ns) {
  if (text.size() > kMaxTemplateBytes) {
    return absl::InvalidArgumentError(fmt::format("the template is longer than {} bytes", kMaxTemplateBytes));
  }
  auto impl = std::make_unique<Impl>();
  TAFFRAIL_ASSIGN_OR_RETURN(impl->nodes, ParseNodes(text));
  impl->context.now_ns = now_ns;
  return std::unique_ptr<Template>(new Template(std::move(impl)));
}

Template::Template(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Template::~Template() = default;

absl::Status Template::Run(const Fields& fields, std::string& out) {
  impl_->context.fields = &fields;
  impl_->context.all_fields = nullptr;
  const size_t begin = out.size();
  const absl::Status status = Runner(fields, impl_->context, out).RunAll(impl_->nodes).status();
  if (!status.ok()) out.resize(begin);
  return status;
}

}  // namespace taffrail::query::templates
