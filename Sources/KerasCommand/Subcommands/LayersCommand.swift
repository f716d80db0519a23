import ArgumentParser
import Keras

/// `keras layers`: which classes of layers files and programs may use.
struct LayersCommand: LibraryCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "List the classes of layers, and the other names files have for them.",
    discussion: """
      EXAMPLES
        keras layers
        keras layers --json
      """)

  @Flag(help: "Print JSON, one object a line.") var json = false
  @Flag(help: "Print the page of the documentation.") var markdown = false

  func validate() throws {
    if json && markdown { throw ValidationError("Choose --json or --markdown.") }
  }

  func perform() throws(KerasError) -> ExitCode {
    if markdown {
      StandardOutput.print(String(Layers.documentation.dropLast()))
      return .success
    }
    for entry in Layers.catalog {
      let row = Row(entry)
      StandardOutput.print(json ? try jsonLine(row) : row.text)
    }
    return .success
  }

  private struct Row: Encodable {
    let name: String
    let family: String
    let state: String
    let aliases: [String]

    init(_ entry: LayerCatalogEntry) {
      name = entry.name
      family = entry.family
      aliases = entry.aliases
      state =
        switch entry.state {
        case .available: "available"
        case .predicting: "predicts; no training"
        case .notApplicable(let reason): "not applicable: \(reason)"
        }
    }

    var text: String {
      let names = ([name] + aliases).joined(separator: ", ")
      return state == "available" ? "\(names)" : "\(names)  (\(state))"
    }
  }
}
