import ArgumentParser
import Glibc
import Keras

/// `keras plan`: what models cost, before anybody fetches one.
struct Plan: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare what models cost: time, memory, size.",
    usage: "keras plan <models> ... [<options>]\nkeras plan --all [<options>]",
    discussion: """
      Prints for each model its published accuracy (`top-1`), parameters, the products that a prediction \
      multiplies and adds up, the most memory that it takes (weights, packed weights and intermediate values; \
      some 40 MB for libraries come on top), the size of its file of weights, and the time of a prediction, \
      measured here. Nothing is fetched: models compute with zeros, which takes as long.

      EXAMPLES
        keras plan resnet50 mobilenetv2 efficientnetb0
        keras plan --all --max-ms 50 --max-mb 300 --sort accuracy
        keras plan --all --no-latency --json
        keras plan mobilenet --alpha 0.25 --batch-size 32 --threads 1
        keras plan flowers.keras

      OUTPUT
        --json  an object a line, {"model", "top1", "parameters", "multiply_adds",
                "memory_bytes", "bytes", "latency_ms"} or {"model", "error"}
      """)

  enum Key: String, CaseIterable, ExpressibleByArgument {
    case latency, memory, size, parameters, accuracy, name
    case multiplyAdds = "multiply-adds"
  }

  @Argument(
    help: "Models; `keras models` lists them. Or files that hold one.", completion: .modelsAndFiles)
  var models: [String] = []

  @Flag(help: "All models that `keras models` lists.")
  var all = false

  @OptionGroup var variant: VariantOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("Pictures predicted together.", valueName: "count"))
  var batchSize = 1

  @Option(
    help: ArgumentHelp(
      "What comes first: the least, of accuracy the most. By default latency, and multiply-adds where that is not "
        + "measured.", valueName: "column"))
  var sort: Key?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Leave out models whose predictions take longer.", valueName: "milliseconds"))
  var maxMs: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Leave out models that take more memory.", valueName: "megabytes"))
  var maxMb: Double?

  @Flag(help: "Measure no times: the rest takes moments.")
  var noLatency = false

  @Option(help: "What the programs are prepared for: many answers, or a quick first one.")
  var purpose = Aim.throughput

  @OptionGroup var compute: ComputeArguments

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  func validate() throws {
    if models.isEmpty && !all { throw ValidationError("Name the models, or say --all.") }
    if !models.isEmpty && all { throw ValidationError("Choose one of --all and names of models.") }
    if !(1...4096).contains(batchSize) { throw ValidationError("--batch-size must be between 1 and 4096.") }
    for (name, limit) in [("--max-ms", maxMs), ("--max-mb", maxMb)] {
      if let limit, !(limit > 0) { throw ValidationError("\(name) must be more than 0.") }
    }
    if noLatency && maxMs != nil { throw ValidationError("Choose one of --no-latency and --max-ms.") }
    if noLatency && sort == .latency { throw ValidationError("--sort latency needs it measured.") }
  }

  private struct Row: Encodable {
    let model: String
    var top1: Double?
    let parameters: Int
    let multiplyAdds: Int
    let memory: Int
    var bytes: Int?
    var latency: Double?

    enum CodingKeys: String, CodingKey {
      case model, top1, parameters, bytes
      case multiplyAdds = "multiply_adds"
      case memory = "memory_bytes"
      case latency = "latency_ms"
    }
  }

  private struct Failure: Encodable {
    let model: String
    let error: String
  }

  func perform() throws(KerasError) -> ExitCode {
    let options = try compute.options(purpose: purpose.purpose)
    let names = all ? ModelCatalog.all.map(\.identifier) : models
    let progress = ProgressLine()
    var rows: [Row] = []
    var failures = 0
    for (index, name) in names.enumerated() {
      progress.show("\(index + 1) of \(names.count): \(name)")
      do {
        if let row = try row(of: name, options) { rows.append(row) }
        progress.clear()
      } catch {
        failures += 1
        progress.clear()
        if json {
          StandardOutput.print(try jsonLine(Failure(model: name, error: "\(error)")))
        } else {
          ErrorReport(error: error).print()
        }
      }
    }
    try show(sorted(rows))
    if rows.isEmpty && failures < names.count {
      let count = names.count - failures
      StandardError.print(
        count == 1
          ? "The model does not stay within the budget." : "None of \(count) models stays within the budget.")
    }
    return failures == 0 ? .success : failures == names.count ? .failure : .partial
  }

  /// Nil for a model beyond the budget.
  private func row(of name: String, _ options: ComputeOptions) throws(KerasError) -> Row? {
    let subject = try ModelSubject(name)
    try subject.requireApplication(for: variant.given.filter { $0.name != "--image-size" })
    let network = try subject.model(variant)
    let cost = try network.cost(for: inputShapes(of: network), options: options)
    guard cost.memoryByteCount <= maxMb.map({ Int(min($0 * 1e6, 1e18)) }) ?? .max else { return nil }
    var row = Row(
      model: subject.name, parameters: cost.parameterCount, multiplyAdds: cost.multiplyAdds,
      memory: cost.memoryByteCount)
    switch subject {
    case .file(let path): row.bytes = fileSize(path)
    case .application(let application):
      // What is published is said of the model as it was published.
      if variant.given.allSatisfy({ !$0.isGiven }) { row.top1 = application.publishedAccuracy?.top1 }
      row.bytes = try publishedSize(application, cost)
    }
    if !noLatency {
      row.latency = try within(network.name) { () throws(KerasError) in try cost.measuredSeconds() } * 1000
      if let maxMs, let latency = row.latency, latency > maxMs { return nil }
    }
    return row
  }

  /// Of the file of weights; where nobody has noted that, of its numbers. Nil where none is published.
  private func publishedSize(_ application: Application, _ cost: ModelCost) throws(KerasError) -> Int? {
    let choice = ApplicationChoice(application: application, weights: "none", variant: variant)
    let (application, settings) = try choice.settings()
    guard let file = try? application.weightFile(for: settings) else { return nil }
    return file.byteCount ?? cost.parameterCount * 4
  }

  /// One batch; heights and widths that the model leaves open are what `--image-size` says, or the weights were
  /// trained on.
  private func inputShapes(of network: Model) throws(KerasError) -> [[Int]] {
    let side = try variant.side()
    let usual = (network as? ImageModel)?.imageSize
    guard !network.inputs.isEmpty else {
      throw KerasError(.invalidArgument, "The model does not say what it takes.", path: [network.name])
    }
    var shapes: [[Int]] = []
    for input in network.inputs {
      var lengths: [Int] = []
      for (axis, length) in input.shape.enumerated() {
        let isPicture = input.shape.rank == 4
        let known =
          switch axis {
          case 0: batchSize
          case 1 where isPicture: side ?? usual?.height
          case 2 where isPicture: side ?? usual?.width
          default: nil as Int?
          }
        guard let length = length ?? known else {
          throw KerasError(
            .invalidArgument, "The model takes inputs of any length, \(input.shape).", path: [network.name],
            remedy: isPicture ? "say one with --image-size." : nil)
        }
        lengths.append(length)
      }
      shapes.append(lengths)
    }
    return shapes
  }

  // MARK: Printing

  private func sorted(_ rows: [Row]) -> [Row] {
    func ascending(_ value: (Row) -> Double) -> [Row] {
      let keys = rows.map(value)
      return rows.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { rows[$0] }
    }
    switch sort ?? (noLatency ? .multiplyAdds : .latency) {
    case .latency: return ascending { $0.latency ?? .infinity }
    case .memory: return ascending { Double($0.memory) }
    case .size: return ascending { $0.bytes.map(Double.init) ?? .infinity }
    case .parameters: return ascending { Double($0.parameters) }
    case .multiplyAdds: return ascending { Double($0.multiplyAdds) }
    case .accuracy: return ascending { -($0.top1 ?? 0) }
    case .name: return rows.sorted { $0.model < $1.model }
    }
  }

  private func show(_ rows: [Row]) throws(KerasError) {
    if json {
      for row in rows { StandardOutput.print(try jsonLine(row)) }
      return
    }
    guard !rows.isEmpty else { return }
    let hasLatency = !noLatency
    var table = TextColumns(
      [.left] + [TextColumns.Alignment](repeating: .right, count: hasLatency ? 6 : 5),
      rows: [
        ["model", "top-1", "parameters", "multiply-adds", "memory", "size"] + (hasLatency ? ["latency"] : [])
      ])
    for row in rows {
      let latency = row.latency.map { "\(fixed($0, $0 < 1 ? 3 : $0 < 100 ? 1 : 0)) ms" } ?? "-"
      table.rows.append(
        [
          row.model.escaped, row.top1.map { fixed($0, 1) } ?? "-", grouped(row.parameters),
          Self.readable(row.multiplyAdds), readableBytes(row.memory), row.bytes.map(readableBytes) ?? "-",
        ] + (hasLatency ? [latency] : []))
    }
    table.print()
  }

  /// `3.86 G`.
  private static func readable(_ count: Int) -> String {
    if count < 100_000 { return grouped(count) }
    let million = Double(count) / 1e6
    return million >= 1000 ? "\(fixed(million / 1000, 2)) G" : "\(fixed(million, million < 10 ? 2 : 0)) M"
  }
}

/// The bytes of a file; nil where it is a folder or away.
private func fileSize(_ path: String) -> Int? {
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(status.st_size)
}
