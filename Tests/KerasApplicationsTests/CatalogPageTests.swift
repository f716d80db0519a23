import Foundation
import KerasTestSupport
import Testing

/// Keeps the tables of `Applications/README.md` what the catalogue says.
@Suite struct CatalogPageTests {
  private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Applications/README.md")
  private static let marks = (start: "<!-- catalogue -->\n", end: "<!-- end of catalogue -->\n")

  private static func table() throws -> String {
    func grouped(_ number: Int) -> String {
      let digits = Array("\(number)")
      return digits.indices.map { ($0 > 0 && (digits.count - $0) % 3 == 0 ? "," : "") + String(digits[$0]) }.joined()
    }
    func percent(_ number: Double?) -> String { number.map { "\($0)" } ?? "–" }
    let rows = try ModelCatalog.all.map { application in
      let files = try WeightCatalog.files(for: application.name)
      let pixels = application.preprocessing == .none ? "its own" : application.preprocessing.rawValue
      let arguments = application.familyArguments.map { "`\($0)`" }.joined(separator: ", ")
      return "| [\(application.name)](\(application.paper)) | \(application.imageSize) "
        + "| \(grouped(application.parameterCount)) | \(application.featureCount) "
        + "| \(percent(application.publishedAccuracy?.top1)) | \(percent(application.publishedAccuracy?.top5)) "
        + "| \(pixels) | \(files.count) | \(arguments) |"
    }
    return """
      | Model | Input | Parameters | Features | Top-1 % | Top-5 % | Pixels | Files | Arguments of its own |
      | --- | --- | --- | --- | --- | --- | --- | --- | --- |
      \(rows.joined(separator: "\n"))

      """
  }

  @Test func thePageIsTheCatalogue() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let parts = text.components(separatedBy: Self.marks.start)
    let rest = parts[1].components(separatedBy: Self.marks.end)
    let wanted = parts[0] + Self.marks.start + (try Self.table()) + Self.marks.end + rest[1]
    if ProcessInfo.processInfo.environment["KERAS_WRITE_CATALOG"] != nil {
      try wanted.write(to: Self.page, atomically: true, encoding: .utf8)
    }
    #expect(
      text == wanted, "Run KERAS_WRITE_CATALOG=1 swift test --filter CatalogPageTests.")
  }
}
