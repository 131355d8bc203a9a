#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cmd/ask.h"
#include "cmd/file_engine.h"
#include "cmd/search_progress.h"
#include "engine/embedded/embedded_engine.h"
#include "query/exec/executor.h"
#include "query/exec/newest_last.h"
#include "query/lang/language.h"
#include "query/plan/plan.h"
#include "server/query_notes.h"

namespace taffrail::cmd {
namespace {

// The same as the server does with its parameters.
absl::StatusOr<query::plan::Plan> PlanOf(const Question& question, base::Env& env) {
  TAFFRAIL_ASSIGN_OR_RETURN(query::plan::Plan plan,
                            query::lang::Parse(question.lang, question.text, env.NowNs()));
  TAFFRAIL_ASSIGN_OR_RETURN(const query::plan::TimeRange range, RangeOf(question.period, env));
  plan.source.range.from_ns = std::max(plan.source.range.from_ns, range.from_ns);
  plan.source.range.to_ns = std::min(plan.source.range.to_ns, range.to_ns);
  const bool records = query::plan::ColumnsOf(plan).empty();
  if (question.last > 0) {
    if (!records) return absl::InvalidArgumentError("--last is for records, not for tables");
    plan.source.order = query::plan::Order::kDescending;
    plan.stages.emplace_back(query::plan::Limit{.count = question.last});
    return plan;
  }
  if (records) plan.source.order = query::plan::Order::kAscending;
  if (question.limit > 0 && (records || question.has_limit)) {
    plan.stages.emplace_back(query::plan::Limit{.count = question.limit});
  }
  return plan;
}

// Explain runs the query for its figures alone.
class Discard final : public query::exec::ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const query::exec::LogRow&) override { return true; }
  bool OnRow(const std::vector<expr::Value>&) override { return true; }
};

}  // namespace

absl::StatusOr<std::unique_ptr<store::Store>> OpenStoreToRead(const std::string& dir, base::Env& env) {
  if (!env.Exists(dir)) {
    return absl::NotFoundError(
        fmt::format("no store at {}: give the directory that `taffrail serve --data` uses", dir));
  }
  store::StoreOptions options;
  options.dir = dir;
  options.env = &env;
  options.read_only = true;
  return store::Store::Open(std::move(options));
}

absl::StatusOr<LocalEngine> OpenLocalEngine(const Place& place, base::Env& env) {
  LocalEngine local;
  if (place.files.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(local.store, OpenStoreToRead(place.data_dir, env));
    local.engine = std::make_unique<engine::embedded::EmbeddedEngine>(*local.store);
  } else {
    local.engine = std::make_unique<FileEngine>(env, place.files, env.NowNs());
  }
  return local;
}

absl::StatusOr<Asked> AskLocally(const Place& place, const Question& question, const AnswerForm& form,
                                 base::Env& env, Output& output) {
  TAFFRAIL_ASSIGN_OR_RETURN(const query::plan::Plan plan, PlanOf(question, env));
  TAFFRAIL_ASSIGN_OR_RETURN(const LocalEngine local, OpenLocalEngine(place, env));
  query::exec::ExecStats stats;
  SearchProgress progress(env, question.progress);
  query::exec::ExecOptions options{.env = &env};
  options.progress = [&] { progress.Update(stats.scan); };
  if (question.explain) {
    Discard discard;
    options.time_operators = true;
    TAFFRAIL_RETURN_IF_ERROR(query::exec::Execute(plan, *local.engine, discard, options, stats));
    progress.End();
    output.Write(query::exec::Explain(stats));
    return Asked{stats.rows_out, {}};
  }
  const auto printer = AnswerPrinter::Create(form.format, form.style, output);
  EndsProgress sink(*printer, progress);
  query::exec::NewestLast newest_last(sink, options.max_memory_bytes);
  query::exec::ResultSink& first =
      question.last > 0 ? static_cast<query::exec::ResultSink&>(newest_last) : sink;
  absl::Status status = query::exec::Execute(plan, *local.engine, first, options, stats);
  if (status.ok() && question.last > 0) status = newest_last.Finish();
  progress.End();
  printer->Finish();
  TAFFRAIL_RETURN_IF_ERROR(status);
  Asked asked{printer->rows(), {}};
  for (server::QueryNote& note : server::NotesOn(plan, *local.engine, stats, options)) {
    asked.notes.push_back(std::move(note.message));
  }
  return asked;
}

}  // namespace taffrail::cmd
