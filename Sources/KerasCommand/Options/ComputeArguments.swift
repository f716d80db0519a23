import ArgumentParser
import FoundationEssentials
import Keras

/// Where and how to compute.
struct ComputeArguments: ParsableArguments {
  @Option(help: "onednn (fast, the default), openblas (plain) or xla; else what KERAS_BACKEND or keras.json says.")
  var backend: String?

  @Option(help: "cpu, gpu, gpu:1, gpu:all, tpu; `keras devices` lists them.")
  var device: String?

  @Option(help: "bfloat16 is faster where there are units for it, and less exact; tensorfloat32 on GPUs lies between.")
  var precision = Precision.float32

  @Flag(help: "Have a GPU give the same bits each time; a CPU always does.")
  var deterministic = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threads of a prediction; one per core by default.", valueName: "count"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be between 1 and 1024.")
    }
  }

  func options(purpose: Purpose) throws(KerasError) -> ComputeOptions {
    try ComputeOptions(
      backend: Backends.backend(named: backend, device: device).name, precision: precision, purpose: purpose,
      threads: threads, isDeterministic: deterministic)
  }

  /// Threads of a prediction that was given no number.
  static var defaultThreads: Int { ProcessInfo.processInfo.activeProcessorCount }
}
