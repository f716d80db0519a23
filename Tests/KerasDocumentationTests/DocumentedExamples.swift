import Foundation

/// The examples in the doc comments of what is public, as the source of functions, which are compiled and not run.
///
/// What an example takes for granted (an `image`, a `layer`) is declared before its first line.
struct DocumentedExamples {
  private struct Example {
    var path: String
    var lines: [String] = []

    /// The name of the file: `Dense`.
    var file: String { String(path.split(separator: "/").last?.dropLast(".swift".count) ?? "") }
  }

  private var examples: [Example] = []
  var count: Int { examples.count }

  /// Takes up the examples of one file of sources.
  mutating func add(_ text: String, of path: String) {
    var found: [Example] = []
    var open: Example?
    for line in text.components(separatedBy: "\n") {
      let code = line.trimmingCharacters(in: .whitespaces)
      guard code.hasPrefix("///") else {
        if code.hasPrefix("@"), !found.isEmpty { continue }
        if code.hasPrefix("public ") || code.hasPrefix("open ") { examples += found }
        (found, open) = ([], nil)
        continue
      }
      let words = code.dropFirst(code.hasPrefix("/// ") ? 4 : 3)
      if words == "```swift" {
        open = Example(path: path)
      } else if words == "```" {
        if let open { found.append(open) }
        open = nil
      } else {
        open?.lines.append(String(words))
      }
    }
  }

  // MARK: What examples take for granted

  private static let context: [(name: String, value: String)] = [
    ("image", "Input(shape: [32, 32, 3])"), ("images", "Input(shape: [32, 32, 3])"),
    ("clip", "Input(shape: [8, 16, 16, 3])"), ("clips", "Input(shape: [8, 16, 16, 3])"),
    ("sequence", "Input(shape: [16, 8])"), ("sequences", "Input(shape: [16, 8])"),
    ("words", "Input(shape: [16], dataType: .int32)"), ("features", "Input(shape: [7, 7, 64])"),
    ("question", "Input(shape: [16, 8])"), ("answer", "Input(shape: [16, 8])"),
    ("text", "Input(shape: [16, 8])"), ("decoder", "Input(shape: [4, 8])"),
    ("encoder", "Input(shape: [16, 8])"), ("input", "Input(shape: [8])"), ("a", "Input(shape: [8])"),
    ("b", "Input(shape: [8])"), ("x", "Tensor(zeros: [8, 8])"), ("w", "Tensor(zeros: [8, 8])"),
    ("q", "Tensor(zeros: [1, 16, 8])"), ("t", "Tensor(zeros: [1, 16, 8])"),
    ("trainingData", "Tensor(zeros: [32, 8])"), ("probabilities", "Tensor(zeros: [32, 10])"),
    ("names", "[\"rose\", \"tulip\"]"), ("layer", "Dense(units: 10)"), ("model", "try MobileNet()"),
    ("photo", "try Image(contentsOf: \"photo.jpg\")"), ("heads", "8"), ("size", "64"),
  ]

  /// The same where a file means something else.
  private static let contextOfFiles: [String: [(name: String, value: String)]] = [
    "Permute": [("x", "Input(shape: [64, 10])")], "MultiHeadAttention": [("x", "Input(shape: [16, 8])")],
    "ImageModel+Files": [("names", "try ClassLabels(contentsOf: \"names.txt\")")],
    "FineTuning": [
      ("names", "ClassLabels.imageNet"),
      ("pictures", "try TensorData([Tensor(zeros: [2, 224, 224, 3])], [Tensor(zeros: [2])])"),
      ("others", "try TensorData([Tensor(zeros: [2, 224, 224, 3])], [Tensor(zeros: [2])])"),
    ],
    "Profile": [("images", "Tensor(zeros: [1, 224, 224, 3])")],
    "Einsum": [
      ("graph", "GraphBuilder()"), ("x", "graph.input(TensorSpec([1, 1, 1]))"),
      ("kernel", "graph.input(TensorSpec([1, 1, 1]))"), ("q", "graph.input(TensorSpec([1, 1, 1, 1]))"),
      ("k", "graph.input(TensorSpec([1, 1, 1, 1]))"),
    ],
  ]

  /// Code of the file of functions itself.
  private static let preamble = """
    // The examples in doc comments, as they show them. Do not edit: change the comment, and let
    // KERAS_WRITE_SNIPPETS=1 swift test --filter KerasDocumentationTests write this file again.

    import Foundation
    import Keras

    private final class Scale: Layer, @unchecked Sendable {}

    private struct Checkerboard: Initializer {
      var width = 8
      var config: JSONObject { ["width": .integer(width)] }
      func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor { Tensor(zeros: shape) }
    }

    """

  // MARK: Source

  var source: String {
    Self.preamble
      + examples.enumerated().map { "\n" + Self.function($1, number: $0 + 1) }.joined()
  }

  private static func function(_ example: Example, number: Int) -> String {
    let isMethod = example.lines.first?.hasPrefix("override ") == true
    var lines = isMethod ? ["final class Example: Layer, @unchecked Sendable {"] : []
    lines +=
      isMethod ? example.lines.map { "  " + $0 } + ["}"] : context(of: example) + example.lines.map(used)
    let constants = example.lines.compactMap(SnippetPage.constant)
    if !constants.isEmpty { lines.append("_ = (\(constants.joined(separator: ", ")))") }
    let body = lines.map { $0.isEmpty ? "\n" : "  \($0)\n" }.joined()
    return "/// \(example.path)\nfunc example\(number)() async throws {\n\(body)}\n"
  }

  /// Declarations of the names that an example uses and does not declare.
  private static func context(of example: Example) -> [String] {
    let code = example.lines.map { $0.replacing(/\/\/.*|"[^"]*"/, with: "") }.joined(separator: "\n")
    let declared = Set(
      code.matches(of: /(?:let \(?|\{ |_ )([A-Za-z]+)(?:, ([A-Za-z]+))?/).flatMap { [$0.1, $0.2 ?? $0.1] })
    // Labels and members are names of others.
    let used = Set(code.replacing(/[A-Za-z]+:|\.[A-Za-z]+/, with: " ").matches(of: /[A-Za-z]+/).map(\.0))
    let own = contextOfFiles[example.file] ?? []
    let all = own + context.filter { name, _ in !own.contains { $0.name == name } }
    return all.filter { used.contains($0.name[...]) && !declared.contains($0.name[...]) }
      .map { "let \($0.name) = \($0.value)" }
  }

  /// A line that is nothing but a value, with something that takes it.
  private static func used(_ line: String) -> String {
    line.prefixMatch(of: /[A-Z][A-Za-z]*\(|try [a-z]+\[|try graph\.|try Ops\./) == nil ? line : "_ = " + line
  }
}
