import KerasCharts
import KerasCore
import KerasModels

/// Saves the model after epochs (or batches), always or when a number has become better. A file is written beside and
/// renamed: the one before stays whole until the new one is.
public final class ModelCheckpoint: MonitorCallback {
  public enum Interval: Hashable, Sendable {
    case epoch
    /// After so many batches.
    case batches(Int)
  }

  private let path: String
  private let savesBestOnly: Bool
  private let savesWeightsOnly: Bool
  private let interval: Interval
  private var best: Double?
  private let threshold: Double?
  private var epoch = 0
  private var batches = 0

  /// - Parameters:
  ///   - path: `{epoch:02d}` and `{val_loss:.2f}` in it stand for numbers, epochs counted from 1. It ends in `.keras` or
  ///     `.h5`; for weights alone in `.weights.h5`.
  ///   - threshold: what a number must be better than to be the best.
  public init(
    _ path: String, monitor: String = "val_loss", savesBestOnly: Bool = false, savesWeightsOnly: Bool = false,
    mode: MonitorMode = .automatic, interval: Interval = .epoch, threshold: Double? = nil
  ) {
    self.path = path
    self.savesBestOnly = savesBestOnly
    self.savesWeightsOnly = savesWeightsOnly
    self.interval = interval
    self.threshold = threshold
    super.init(monitor: monitor, mode: mode)
  }

  public override func trainBegan() { if best == nil { best = threshold } }
  public override func epochBegan(_ epoch: Int) { self.epoch = epoch }

  public override func trainBatchEnded(_ batch: Int, _ logs: Logs) throws {
    guard case .batches(let count) = interval else { return }
    batches += 1
    guard batches >= count else { return }
    batches = 0
    try save(logs)
  }

  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) throws {
    if interval == .epoch { try save(logs) }
  }

  public override func savedState() -> [String: Tensor] {
    var state = ["batches": Tensor(scalar: Int64(batches))]
    state["best"] = best.map { Tensor(scalar: $0) }
    return state
  }

  public override func restore(_ state: [String: Tensor]) {
    best = state.number("best") ?? best
    batches = state.number("batches").map { Int($0) } ?? 0
  }

  private func save(_ logs: Logs) throws {
    guard let model else { return }
    if savesBestOnly {
      guard let current = value(in: logs), try isBetter(current, than: best) else { return }
      best = current
    }
    let file = try Template(path).filled(epoch: epoch + 1, logs)
    if savesWeightsOnly { try model.saveWeights(to: file) } else { try model.save(to: file) }
  }
}

/// A path with numbers to be filled in, as Python's `format` has them: `{epoch:02d}`, `{val_loss:.2f}`.
struct Template {
  private let text: String

  init(_ text: String) { self.text = text }

  /// - Throws: `invalidArgument` for a name that nobody measures, or a format that is not known.
  func filled(epoch: Int, _ logs: Logs) throws(KerasError) -> String {
    var result = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      result += rest[..<open]
      guard let close = rest[open...].firstIndex(of: "}") else { break }
      let field = rest[rest.index(after: open)..<close]
      let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let format = parts.count > 1 ? parts[1] : ""
      if parts[0] == "epoch" {
        result += try whole(epoch, format)
      } else if let number = logs[parts[0]] {
        result += try real(number, format)
      } else {
        throw KerasError(
          .invalidArgument, "Nobody measures `\(parts[0])`.", path: [text],
          remedy: "use epoch, " + logs.names.joined(separator: ", ") + ".")
      }
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  private func whole(_ number: Int, _ format: String) throws(KerasError) -> String {
    if format.isEmpty || format == "d" { return "\(number)" }
    guard format.hasSuffix("d"), let width = Int(format.dropLast()), width < 100 else {
      throw unknown(format)
    }
    let digits = "\(number)"
    let fill = format.hasPrefix("0") ? "0" : " "
    return String(repeating: fill, count: max(width - digits.count, 0)) + digits
  }

  private func real(_ number: Double, _ format: String) throws(KerasError) -> String {
    if format.isEmpty { return "\(number)" }
    guard format.hasPrefix("."), let last = format.last, let decimals = Int(format.dropFirst().dropLast()),
      (0...50).contains(decimals)
    else { throw unknown(format) }
    switch last {
    case "f": return fixed(number, decimals: decimals)
    case "e": return exponential(number, decimals: decimals)
    default: throw unknown(format)
    }
  }

  private func unknown(_ format: String) -> KerasError {
    KerasError(
      .invalidArgument, "The format `\(format)` is not known.", path: [text],
      remedy: "use one as {epoch:02d}, {loss:.3f} or {loss:.2e}.")
  }
}
