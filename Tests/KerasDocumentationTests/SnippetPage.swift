import Foundation

/// The Swift in one page of Markdown, as the source of tests.
///
/// Every block marked `swift` becomes a function with its lines as they stand (but for `import`). A comment right
/// before the block, which readers of the page do not see, says more:
///
/// ```markdown
/// <!-- snippet: continues -->    with the names of the block before
/// <!-- snippet: compiles -->     not run: it needs files, a network or a lot of time
/// <!-- snippet: manifest -->     a Package.swift, which is no part of a program
/// <!-- snippet
/// let images = Tensor(zeros: [2, 8])
/// -->                            lines that stand before the block's; the first line may have the words above, too
/// ```
struct SnippetPage {
  struct Snippet {
    var line: Int
    var isRun: Bool
    var lines: [String]
  }

  let name: String
  private(set) var snippets: [Snippet] = []

  init(name: String, markdown: String) {
    self.name = name
    var (note, words, block): ([String]?, Set<String>, [String]?) = (nil, [], nil)
    var context: [String] = []
    for (number, line) in markdown.components(separatedBy: "\n").enumerated() {
      if var lines = block {
        if line != "```" {
          lines.append(line)
          block = lines
          continue
        }
        block = nil
        if !words.contains("manifest") {
          let kept = context + lines.filter { !$0.hasPrefix("import ") }
          if words.contains("continues"), let last = snippets.indices.last {
            snippets[last].lines += [""] + kept
          } else {
            snippets.append(Snippet(line: number - lines.count, isRun: true, lines: kept))
          }
          if words.contains("compiles") { snippets[snippets.count - 1].isRun = false }
        }
        (words, context) = ([], [])
      } else if var lines = note {
        if line == "-->" {
          (note, context) = (nil, lines)
        } else {
          lines.append(line)
          note = lines
        }
      } else if line.hasPrefix("<!-- snippet") {
        let rest = line.dropFirst("<!-- snippet".count)
        words = Set(rest.split(whereSeparator: { " :,->".contains($0) }).map(String.init))
        if !rest.hasSuffix("-->") { note = [] }
      } else if line == "```swift" {
        block = []
      } else if !line.isEmpty {
        (words, context) = ([], [])
      }
    }
  }

  /// A suite of tests, one for each snippet.
  var source: String {
    let type = name.filter { $0.isLetter || $0.isNumber }
    var text = "@Suite struct \(type) {\n"
    for (index, snippet) in snippets.enumerated() {
      if index > 0 { text += "\n" }
      text += "  /// \(name), line \(snippet.line)\n"
      text += (snippet.isRun ? "  @Test " : "  ") + "func snippet\(index + 1)() async throws {\n"
      text += snippet.lines.map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
      let names = snippet.lines.compactMap(Self.constant)
      if !names.isEmpty { text += "    _ = (\(names.joined(separator: ", ")))\n" }
      text += "  }\n"
    }
    return text + "}\n"
  }

  /// The name a line of the outermost level gives to something, which a snippet need not use.
  static func constant(_ line: String) -> String? {
    guard line.hasPrefix("let ") else { return nil }
    let name = line.dropFirst(4).prefix { $0.isLetter || $0.isNumber }
    return line.dropFirst(4 + name.count).first.map(" :".contains) == true ? String(name) : nil
  }

  /// The whole file of tests that pages become.
  static func file(of pages: [SnippetPage]) -> String {
    """
    // What the documentation shows, as it shows it. Do not edit: change the page, and let
    // KERAS_WRITE_SNIPPETS=1 swift test --filter KerasDocumentationTests write this file again.

    import Foundation
    import Keras
    import Testing


    """ + pages.map(\.source).joined(separator: "\n")
  }
}
