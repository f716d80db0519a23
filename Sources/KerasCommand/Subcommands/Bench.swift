import ArgumentParser
import Glibc
import Keras

/// `keras bench`: how long a prediction takes here.
struct Bench: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how long a prediction takes.",
    usage: "keras bench <model> [<options>]",
    discussion: """
      Predicts on random pixels with random weights (unless --weights names some), once to warm up and then \
      --repeats times. The time to prepare is that from the finished model to the first answer.

      EXAMPLES
        keras bench resnet50
        keras bench vgg16 --batch-size 32 --precision bfloat16 --threads 2
        keras bench emotion.keras --batch-size 8
        keras bench mobilenet --alpha 0.25 --purpose first-answer --repeats 100
        keras bench efficientnetb0 --profile

      OUTPUT
        --json     {"model", "batch_size", "precision", "backend", "threads", "prepare_s",
                   "min_ms", "median_ms", "images_per_s", "peak_mb"}
        --profile  with --json also "profile": {"run_ms", "other_ms", "notes",
                   "kernels": [{"layer", "operation", "kernel", "inputs", "outputs",
                   "ms", "share", "gflop_per_s" or "gb_per_s"}],
                   "totals": [{"operation", "kernels", "ms", "share"}]}
      """)

  @Argument(
    help: "The model; `keras models` lists them. Or a file that holds one.", completion: .modelsAndFiles)
  var model: String

  @OptionGroup var variant: VariantOptions

  @Option(
    help: ArgumentHelp("A file of weights; random ones by default.", valueName: "file"), completion: .file())
  var weights: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Pictures predicted together.", valueName: "count"))
  var batchSize = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many predictions are measured.", valueName: "count"))
  var repeats = 30

  @Option(help: "What the program is prepared for: many answers, or a quick first one.")
  var purpose = Aim.throughput

  @Flag(
    help: ArgumentHelp(
      "Keep the pictures where they are computed with, a GPU's memory, instead of copying them there for each prediction."
    ))
  var resident = false

  @OptionGroup var compute: ComputeArguments

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print every difference where weights do not fit.")
  var verbose = false

  @Flag(help: "Print the kernels of the prepared program, one a line, on standard error.")
  var plan = false

  @Flag(help: "Print the time of each kernel, the slowest first, and their totals by operation.")
  var profile = false

  @Flag(
    help: ArgumentHelp(
      "For Benchmarks/compare: predict as often as each line of standard input says.", visibility: .hidden))
  var interactive = false

  func validate() throws {
    if !(1...4096).contains(batchSize) { throw ValidationError("--batch-size must be between 1 and 4096.") }
    if !(1...1_000_000).contains(repeats) {
      throw ValidationError("--repeats must be between 1 and 1000000.")
    }
  }

  private struct Line: Encodable {
    let model: String
    let batchSize: Int
    let precision: String
    let backend: String
    let threads: Int
    let prepareSeconds: Double
    let minimum: Double
    let median: Double
    let imagesPerSecond: Double
    let peakMegabytes: Double
    let profile: ProfileReport?

    enum CodingKeys: String, CodingKey {
      case model, precision, backend, threads, profile
      case batchSize = "batch_size"
      case prepareSeconds = "prepare_s"
      case minimum = "min_ms"
      case median = "median_ms"
      case imagesPerSecond = "images_per_s"
      case peakMegabytes = "peak_mb"
    }
  }

  func perform() throws(KerasError) -> ExitCode {
    let (network, title, input) = try subject()
    // Initial values are made when first read: not a part of preparing.
    for weight in network.weights { _ = weight.value }
    let computeOptions = try compute.options(purpose: purpose.purpose)

    let clock = ContinuousClock()
    let start = clock.now
    _ = try network.predictOnBatch(input, options: computeOptions)
    let prepare = start.duration(to: clock.now).inSeconds
    let program = try network.program(for: input.map(\.shape), options: computeOptions)
    // States that outlive a batch are inputs of a program, too.
    let states = try network.lowering(for: input.map(\.spec)).states
    let inputs = input + states.map(\.value)
    if plan { for line in program.plan { StandardError.print(line) } }
    let session = try resident ? network.residentSession(on: input, options: computeOptions) : nil
    _ = try session?.step([])
    func predict(_ count: Int) throws(KerasError) -> [Double] {
      var times: [Double] = []
      for _ in 0..<count {
        let start = clock.now
        if let session { try session.step([]) } else { _ = try program.run(inputs) }
        times.append(start.duration(to: clock.now).inSeconds * 1000)
      }
      return times
    }
    if interactive { return try takeTurns(prepare: prepare, predict: predict) }
    let times = try predict(repeats).sorted()
    let median = median(times)
    // Measured apart: what is reported above has no clock in it.
    let report =
      try profile ? ProfileReport(of: program, on: inputs, repeats: repeats, model: network.name) : nil
    let line = Line(
      model: title, batchSize: batchSize, precision: computeOptions.precision.rawValue,
      backend: computeOptions.backend ?? "",
      threads: computeOptions.threads ?? ComputeArguments.defaultThreads,
      prepareSeconds: prepare, minimum: times[0], median: median,
      imagesPerSecond: Double(batchSize) / median * 1000, peakMegabytes: peakMegabytes(), profile: report)
    StandardOutput.print(json ? try jsonLine(line) : text(line))
    if !json { report?.print() }
    return .success
  }

  /// The model, what to call it, and random inputs.
  private func subject() throws(KerasError) -> (model: Model, title: String, inputs: [Tensor]) {
    let subject = try ModelSubject(model)
    try subject.requireApplication(for: variant.given + [("--weights", weights != nil)])
    guard case .application(let row) = subject else {
      let network = try subject.model()
      var inputs: [Tensor] = []
      for input in network.inputs { inputs.append(try randomNumbers(input)) }
      return (network, network.name, inputs)
    }
    let choice = ApplicationChoice(application: row, weights: weights ?? "none", variant: variant)
    let (application, settings) = try choice.settings()
    let network = try application.makeModel(settings)
    return (network, application.identifier, [try network.preprocessing(randomPixels(network))])
  }

  /// Uniform in [0, 1) for a file's model, whatever it expects.
  private func randomNumbers(_ input: SymbolicTensor) throws(KerasError) -> Tensor {
    let lengths = input.shape.dropFirst().compactMap { $0 }
    guard lengths.count + 1 == input.shape.rank else {
      throw KerasError(
        .invalidArgument, "The model takes inputs of any length, \(input.shape); bench needs one.")
    }
    guard let count = checkedElementCount([batchSize] + lengths), count < 1 << 32 else {
      throw KerasError(.invalidArgument, "Inputs of shape \(input.shape) are too large to make up.")
    }
    let generator = CounterRandom(seed: 0)
    return Tensor(uninitialized: [batchSize] + lengths, Float.self) { numbers in
      for index in numbers.indices { numbers[index] = Float(generator.uniform(stream: 0, at: UInt64(index))) }
    }.converted(to: input.dataType)
  }

  /// Predicts when asked to, until standard input ends: contestants on one machine take turns, each asleep
  /// while another runs.
  private func takeTurns(
    prepare: Double, predict: (Int) throws(KerasError) -> [Double]
  ) throws(KerasError) -> ExitCode {
    StandardOutput.print(try jsonLine(["prepare_s": prepare]))
    while let line = readLine() {
      guard let count = Int(line), (1...1_000_000).contains(count) else {
        throw KerasError(
          .invalidArgument, "Expected a number of predictions between 1 and 1000000, found `\(line)`.")
      }
      StandardOutput.print(try jsonLine(["times_ms": try predict(count)]))
    }
    return .success
  }

  private func text(_ line: Line) -> String {
    let threads = counted(line.threads, "thread")
    let best = fixed(line.minimum, 2), middle = fixed(line.median, 2)
    return """
      \(line.model), batch \(line.batchSize), \(line.precision), \(line.backend), \(threads)
        prepared in      \(fixed(line.prepareSeconds * 1000, 0)) ms
        a prediction     \(best) ms at best, \(middle) ms in the middle of \(repeats)
        pictures         \(fixed(line.imagesPerSecond, 1)) a second
        memory           \(fixed(line.peakMegabytes, 0)) MB at most
      """
  }

  private func randomPixels(_ model: ImageModel) -> Tensor {
    let size = model.imageSize
    let generator = CounterRandom(seed: 0)
    return Tensor(uninitialized: [batchSize, size.height, size.width, 3], Float.self) { pixels in
      for index in pixels.indices {
        pixels[index] = Float((256 * generator.uniform(stream: 0, at: UInt64(index))).rounded(.down))
      }
    }
  }
}

/// The most memory the process has had, in megabytes; 0 where the system does not say.
///
/// `getrusage` would count what the process was that started this one, before the command took its place.
private func peakMegabytes() -> Double {
  let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return 0 }
  defer { close(file) }
  var status = [UInt8](repeating: 0, count: 1 << 14)
  let count = status.withUnsafeMutableBytes { readAll(file, into: $0) }
  let line = status.prefix(max(count, 0)).split(separator: UInt8(ascii: "\n")).lazy
    .map { String(decoding: $0, as: UTF8.self) }.first { $0.hasPrefix("VmHWM:") }
  let kilobytes = line?.split { !$0.isNumber }.first.flatMap { Double($0) } ?? 0
  return kilobytes * 1024 / 1e6
}
