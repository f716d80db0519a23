import Foundation
import Testing

/// Keeps `Examples.swift`, which is compiled, the very text of the examples in doc comments.
@Suite struct DocumentedExamplesTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func examples() throws -> DocumentedExamples {
    var examples = DocumentedExamples()
    for folder in ["Applications", "Sources", "Weights"] {
      let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.compactMap {
        $0 as? String
      }
      for name in try #require(names).sorted()
      where name.hasSuffix(".swift") && !name.hasPrefix("KerasCommand/") {
        let path = "\(folder)/\(name)"
        examples.add(try String(contentsOf: root.appending(path: path), encoding: .utf8), of: path)
      }
    }
    return examples
  }

  @Test func examplesAreThoseOfTheComments() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Examples.swift")
    let examples = try Self.examples()
    #expect(examples.count > 60)
    if ProcessInfo.processInfo.environment["KERAS_WRITE_SNIPPETS"] != nil {
      try examples.source.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(
      try String(contentsOf: file, encoding: .utf8) == examples.source,
      "Run KERAS_WRITE_SNIPPETS=1 swift test --filter KerasDocumentationTests, and build again.")
  }

  @Test func aCommentBecomesAFunction() {
    var examples = DocumentedExamples()
    examples.add(
      """
      /// Something.
      ///
      /// ```swift
      /// let y = Ops.relu(x)
      /// ```
      @discardableResult
      public func relu() {}

      /// ```swift
      /// hidden
      /// ```
      func hidden() {}
      """, of: "Sources/A.swift")
    #expect(examples.count == 1)
    #expect(
      examples.source.hasSuffix(
        """

        /// Sources/A.swift
        func example1() async throws {
          let x = Tensor(zeros: [8, 8])
          let y = Ops.relu(x)
          _ = (y)
        }

        """))
  }
}
