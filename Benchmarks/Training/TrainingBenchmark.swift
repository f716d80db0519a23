import Glibc
import Keras
import KerasBenchmarkTurns

// KerasTrainingBenchmark turns|alone TASK PRECISION [THREADS|- [BATCH_SIZE]]: steps of training, forward, backward and
// update, on a batch that stays the same: in turns with others, or by itself for a JSON line. KERAS_BACKEND says where.
// KerasTrainingBenchmark epochs TASK PRECISION [THREADS|- [BATCH_SIZE]]: steps as `fit` starts them, without waiting for
// one before the next begins, for a JSON line.
// KerasTrainingBenchmark fit TASK PRECISION [THREADS]: what `fit` adds to the bare steps.
// KerasTrainingBenchmark profile TASK PRECISION [THREADS]: the time of every kernel of a step.
// KerasTrainingBenchmark session|carried BATCH STEPS [THREADS]: weights stay in a session, or are carried through the
// host.

@main
struct TrainingBenchmark {
  static func main() throws {
    let words = CommandLine.arguments.dropFirst()
    let threads = words.dropFirst(3).first.flatMap { Int($0) }
    let places = Array(words.prefix(3))
    if places.count == 3, let task = Task(rawValue: places[1]), let precision = Precision(rawValue: places[2])
    {
      switch places[0] {
      case "turns": return try turns(task, precision, threads)
      case "alone": return try alone(task, precision, threads, words.dropFirst(4).first.flatMap { Int($0) })
      case "profile": return try profile(task, precision, threads)
      case "epochs":
        return try epochs(task, precision, threads, words.dropFirst(4).first.flatMap { Int($0) })
      case "fit": return try fit(task, precision, threads)
      default: break
      }
    }
    if places.count == 3, let mode = WeightsBetweenSteps(rawValue: places[0]), let batch = Int(places[1]),
      let count = Int(places[2]), batch > 0, count > 0
    {
      return try compareCarrying(mode, batch: batch, count: count, threads: threads)
    }
    print(
      "KerasTrainingBenchmark turns|alone|epochs|fit|profile TASK float32|tensorfloat32|bfloat16 [THREADS|- [BATCH_SIZE]]"
    )
    print("KerasTrainingBenchmark session|carried BATCH STEPS [THREADS]")
    print("tasks: \(Task.allCases.map(\.rawValue).joined(separator: ", "))")
    exit(64)
  }

  private static func turns(_ task: Task, _ precision: Precision, _ threads: Int?) throws {
    let start = seconds()
    let (model, batch) = (try task.model(precision: precision, threads: threads), try task.batch())
    try model.trainOnBatch(batch)
    try takeTurns(preparedSince: start) { try model.trainOnBatch(batch) }
  }

  /// At least 5 steps, and as many as 10 seconds take.
  private static func alone(_ task: Task, _ precision: Precision, _ threads: Int?, _ batchSize: Int?) throws {
    let (model, batch) = (
      try task.model(precision: precision, threads: threads), try task.batch(of: batchSize)
    )
    for _ in 0..<2 { try model.trainOnBatch(batch) }
    let (begin, times) = (seconds(), Samples())
    while times.count < 5 || seconds() - begin < 10 { try times.measure { try model.trainOnBatch(batch) } }
    report(task, precision, batchSize, times)
  }

  /// At least 3 epochs of 20 steps, and as many as 5 seconds take.
  private static func epochs(_ task: Task, _ precision: Precision, _ threads: Int?, _ batchSize: Int?) throws
  {
    let (model, batch) = (
      try task.model(precision: precision, threads: threads), try task.batch(of: batchSize)
    )
    let source = Repeated(batch: batch, count: 20)
    try model.fit(source, verbosity: .silent)
    let (begin, times) = (seconds(), Samples())
    while times.count < 3 || seconds() - begin < 5 {
      try times.measure(count: source.count) { try model.fit(source, verbosity: .silent) }
    }
    report(task, precision, batchSize, times)
  }

  private static func report(_ task: Task, _ precision: Precision, _ batchSize: Int?, _ times: Samples) {
    let batchSize = batchSize ?? task.batchSize
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    print(
      "{\"task\": \"\(task.rawValue)\", \"batch_size\": \(batchSize), \"precision\": \"\(precision.rawValue)\", "
        + "\"min_ms\": \(times.minimum), \"median_ms\": \(times.median), "
        + "\"items_per_s\": \(Double(batchSize) / times.median * 1000), "
        + "\"peak_mb\": \(usage.ru_maxrss * 1024 / 1_000_000)}")
  }

  private static func profile(_ task: Task, _ precision: Precision, _ threads: Int?) throws {
    let (model, batch) = (try task.model(precision: precision, threads: threads), try task.batch())
    let profile = try model.profileTraining(on: batch, repeats: 10)
    for row in profile.rows.sorted(by: { $0.seconds > $1.seconds }).prefix(40) {
      let (step, milliseconds) = (row.step, row.seconds * 1000)
      let shapes = (step.inputs + step.outputs).map { "\($0.shape)" }.joined(separator: " ")
      print(
        milliseconds.rounded(to: 3), "ms,", (2e-9 * Double(step.multiplyAdds) / row.seconds).rounded(to: 1),
        "GFLOP/s,", (1e-9 * Double(step.byteCount) / row.seconds).rounded(to: 1), "GB/s:", step.operation,
        step.layer,
        step.kernel, shapes)
    }
    for (operation, count, seconds) in profile.totals {
      print((seconds * 1000).rounded(to: 3), "ms in", count, "×", operation)
    }
    print(
      (profile.seconds * 1000).rounded(to: 3), "ms in all,", (profile.otherSeconds * 1000).rounded(to: 3),
      "beside")
  }

  /// Epochs of `fit` and as many bare steps, in turns; the ratio of their medians.
  private static func fit(_ task: Task, _ precision: Precision, _ threads: Int?) throws {
    let (model, batch) = (try task.model(precision: precision, threads: threads), try task.batch())
    try model.trainOnBatch(batch)
    let (bare, fitted) = (Samples(), Samples())
    let stepCount = 20
    let source = Repeated(batch: batch, count: stepCount)
    for _ in 0..<7 {
      try bare.measure { for _ in 0..<stepCount { try model.trainOnBatch(batch) } }
      try fitted.measure { try model.fit(source, verbosity: .silent) }
    }
    print(
      "{\"task\": \"\(task.rawValue)\", \"steps_ms\": \(bare.median), \"fit_ms\": \(fitted.median), "
        + "\"overhead\": \(fitted.median / bare.median - 1)}")
  }
}

/// The same batch again and again.
private struct Repeated: DataSource {
  let batch: Batch
  let count: Int
  var batchCount: Int? { count }

  func batches(inEpoch epoch: Int) -> BatchStream {
    var number = 0
    return BatchStream {
      guard number < count else { return nil }
      number += 1
      return batch
    }
  }
}

/// Milliseconds of repetitions.
final class Samples {
  private var times: [Double] = []
  var count: Int { times.count }
  var minimum: Double { times.min() ?? 0 }
  var median: Double { times.isEmpty ? 0 : times.sorted()[times.count / 2] }

  /// - Parameter count: how often `body` does what is measured.
  func measure(count: Int = 1, _ body: () throws -> Void) throws {
    let start = seconds()
    try body()
    times.append((seconds() - start) * 1000 / Double(count))
  }
}

extension Double {
  fileprivate func rounded(to digits: Int) -> Double {
    var factor = 1.0
    for _ in 0..<digits { factor *= 10 }
    return (self * factor).rounded() / factor
  }
}
