import ArgumentParser
import Glibc
import Keras

/// `keras bench`: how long a prediction takes here.
struct Bench: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how long a prediction takes.",
    discussion: """
      Predicts on random pixels with random weights (unless --weights names some), once to warm up and then \
      --repeats times. prepare_s is the time from the finished model to the first answer; --purpose says what \
      the program is prepared for: many answers (throughput, the default here) or a quick first one \
      (first-answer).
      """)

  @Argument(help: "The model; `keras models` lists them.")
  var model: String

  @Option(help: "Pictures predicted together.")
  var batchSize = 1

  @Option(help: "How many predictions are measured.")
  var repeats = 30

  @Option(help: "throughput or first-answer.")
  var purpose = "throughput"

  @Option(help: "A file of weights; random ones by default.")
  var weights: String?

  @Option(help: "MobileNet's width.")
  var alpha: Double?

  @Option(help: "Height and width of the pictures in pixels.")
  var imageSize: Int?

  @OptionGroup var compute: ComputeArguments

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print the kernels of the prepared program, one a line, on standard error.")
  var plan = false

  func validate() throws {
    if !(1...4096).contains(batchSize) { throw ValidationError("--batch-size must be between 1 and 4096.") }
    if !(1...1_000_000).contains(repeats) { throw ValidationError("--repeats must be between 1 and 1000000.") }
    if !["throughput", "first-answer"].contains(purpose) {
      throw ValidationError("--purpose must be throughput or first-answer.")
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

    enum CodingKeys: String, CodingKey {
      case model, precision, backend, threads
      case batchSize = "batch_size"
      case prepareSeconds = "prepare_s"
      case minimum = "min_ms"
      case median = "median_ms"
      case imagesPerSecond = "images_per_s"
      case peakMegabytes = "peak_mb"
    }
  }

  func perform() throws(KerasError) -> ExitCode {
    let choice = ModelChoice(model: model, weights: weights ?? "none", alpha: alpha, imageSize: imageSize)
    let (application, settings) = try choice.settings()
    let network = try application.makeModel(settings)
    // Initial values are made when first read: not a part of preparing.
    for weight in network.weights { _ = weight.value }
    let computeOptions = try compute.options(purpose: purpose == "throughput" ? .throughput : .firstAnswer)
    let pixels = randomPixels(network)
    let input = try network.preprocessing(pixels)

    let clock = ContinuousClock()
    let start = clock.now
    _ = try network.predictOnBatch([input], options: computeOptions)
    let prepare = seconds(clock.now - start)
    let program = try network.program(for: [input.shape], options: computeOptions)
    if plan { for line in program.plan { StandardError.print(line) } }
    var times: [Double] = []
    for _ in 0..<repeats {
      let start = clock.now
      _ = try program.run([input])
      times.append(seconds(clock.now - start) * 1000)
    }
    times.sort()
    let median = (times[(times.count - 1) / 2] + times[times.count / 2]) / 2
    let line = Line(
      model: application.identifier, batchSize: batchSize, precision: computeOptions.precision.rawValue,
      backend: computeOptions.backend ?? "", threads: computeOptions.threads ?? onlineCores(),
      prepareSeconds: prepare, minimum: times[0], median: median,
      imagesPerSecond: Double(batchSize) / median * 1000, peakMegabytes: peakMegabytes())
    StandardOutput.print(json ? try jsonLine(line) : text(line))
    return .success
  }

  private func text(_ line: Line) -> String {
    """
    \(line.model), batch \(line.batchSize), \(line.precision), \(line.backend), \(line.threads) threads
      prepared in      \(fixed(line.prepareSeconds * 1000, 0)) ms
      a prediction     \(fixed(line.minimum, 2)) ms at best, \(fixed(line.median, 2)) ms in the middle of \(repeats)
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

private func seconds(_ duration: Duration) -> Double {
  let (seconds, attoseconds) = duration.components
  return Double(seconds) + Double(attoseconds) * 1e-18
}

private func onlineCores() -> Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

/// The most memory the process has had, in megabytes.
private func peakMegabytes() -> Double {
  var usage = rusage()
  getrusage(numericCast(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) * 1024 / 1e6
}
