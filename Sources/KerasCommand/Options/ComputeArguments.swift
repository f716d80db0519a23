import ArgumentParser
import Keras

/// Where and how to compute.
struct ComputeArguments: ParsableArguments {
  @Option(help: "onednn (fast) or openblas (plain); also KERAS_BACKEND or keras.json.")
  var backend: String?

  @Option(help: "float32, or bfloat16 for speed on CPUs that have it.")
  var precision = "float32"

  @Option(help: "Threads; one per core by default.")
  var threads: Int?

  func options(purpose: Purpose) throws(KerasError) -> ComputeOptions {
    guard let precision = Precision(rawValue: precision) else {
      throw KerasError(
        .unknownName, "There is no precision called `\(precision)`.",
        remedy: "use " + Precision.allCases.map(\.rawValue).joined(separator: " or ") + ".")
    }
    if let threads, !(1...1024).contains(threads) {
      throw KerasError(.invalidArgument, "Expected 1 to 1024 threads, found \(threads).")
    }
    let backend = try Backends.backend(named: backend).name
    return ComputeOptions(backend: backend, precision: precision, purpose: purpose, threads: threads)
  }
}
