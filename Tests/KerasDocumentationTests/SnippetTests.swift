import Foundation
import Testing

/// Keeps `Snippets.swift`, which is compiled and run, the very text of the pages.
@Suite struct SnippetTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func pages() throws -> [SnippetPage] {
    func names(in folder: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
        .filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
    }
    let pages = try names(in: "Documentation") + names(in: "Sources/Keras/Keras.docc")
    return try (["README.md", "Applications/README.md"] + pages).map { name in
      SnippetPage(
        name: name, markdown: try String(contentsOf: root.appending(path: name), encoding: .utf8))
    }.filter { !$0.snippets.isEmpty }
  }

  @Test func snippetsAreThoseOfThePages() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snippets.swift")
    let wanted = SnippetPage.file(of: try Self.pages())
    if ProcessInfo.processInfo.environment["KERAS_WRITE_SNIPPETS"] != nil {
      try wanted.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(
      try String(contentsOf: file, encoding: .utf8) == wanted,
      "Run KERAS_WRITE_SNIPPETS=1 swift test --filter KerasDocumentationTests, and build again.")
  }

  @Test func aPageBecomesTests() {
    let page = SnippetPage(
      name: "a.md",
      markdown: """
        <!-- snippet: compiles
        let x = 1
        -->
        ```swift
        import Keras
        print(x)
        ```
        Text.

        <!-- snippet: continues -->
        ```swift
        let y = x
        ```

        ```swift
        let z = 2
        ```
        <!-- snippet: manifest -->
        ```swift
        nonsense
        ```
        """)
    #expect(
      page.source == """
        @Suite struct amd {
          /// a.md, line 4
          func snippet1() async throws {
            let x = 1
            print(x)

            let y = x
            _ = (x, y)
          }

          /// a.md, line 15
          @Test func snippet2() async throws {
            let z = 2
            _ = (z)
          }
        }

        """)
  }
}
