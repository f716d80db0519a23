import Foundation
import Synchronization
import Testing

/// What became of each golden case, written as JSON where `KERAS_GOLDEN_REPORT` names a file:
/// `[{"file", "case", "kind", "passed", "message"}]`.
public enum GoldenReport {
  private struct Line: Encodable {
    let file: String
    let `case`: String
    let kind: String
    let passed: Bool
    let message: String
  }
  private static let lines = Mutex<[String: Line]>([:])

  /// Runs the check of one case, notes its outcome, and fails the test with it.
  ///
  /// A case of a kind (or of a model) that is not there yet is noted as `unsupported`: it is neither
  /// passed nor does it fail the test.
  public static func run(_ golden: GoldenCase, on variant: String = "", check: () throws -> Void) {
    let place = variant.isEmpty ? golden.id : "\(golden.id) on \(variant)"
    do {
      try check()
      note(golden, variant, passed: true, "")
    } catch let error as UnsupportedGolden {
      note(golden, variant, passed: false, "unsupported: \(error)")
    } catch {
      note(golden, variant, passed: false, "\(variant): \(error)")
      Issue.record("\(place): \(error)")
    }
  }

  private static func note(_ golden: GoldenCase, _ variant: String, passed: Bool, _ message: String) {
    guard let path = ProcessInfo.processInfo.environment["KERAS_GOLDEN_REPORT"] else { return }
    lines.withLock { lines in
      let key = "\(golden.file)/\(golden.id)"
      // A case that several backends run has passed when it passed on all.
      let before = lines[key]
      if before?.passed != false {
        lines[key] = Line(
          file: golden.file, case: golden.id, kind: golden.kind, passed: passed, message: message)
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      do {
        let data = try encoder.encode(lines.sorted { $0.key < $1.key }.map(\.value))
        try data.write(to: URL(filePath: path), options: .atomic)
      } catch {
        Issue.record("the report cannot be written: \(error)")
      }
    }
  }
}
