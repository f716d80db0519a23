import ArgumentParser
import Keras

/// What is wrong with a command line in a way that the parser would answer with something else: a subcommand's name
/// mistyped, or a file whose name begins with `-`, letters of which would be taken for options.
struct ArgumentMistake {
  let text: String

  init?(in arguments: [String], of root: any ParsableCommand.Type) {
    // What shells' completion asks.
    guard arguments.first?.hasPrefix("---") != true else { return nil }
    if let text = Self.unknownSubcommand(arguments, root) ?? Self.dashedName(arguments) {
      self.text = text
    } else {
      return nil
    }
  }

  private static func unknownSubcommand(_ arguments: [String], _ root: any ParsableCommand.Type) -> String? {
    var (command, words) = (root, arguments[...])
    if words.first == "help" { words.removeFirst() }
    while !command.configuration.subcommands.isEmpty, let word = words.popFirst(), !word.hasPrefix("-") {
      let subcommands = command.configuration.subcommands
      if let next = subcommands.first(where: { $0._commandName == word }) {
        command = next
        continue
      }
      let path = command == root ? "keras" : "keras \(command._commandName)"
      let names = subcommands.map { $0._commandName }
      let nearest = nearestNames(to: word, among: names + ["help", "--version"], limit: 2)
      let advice =
        nearest.isEmpty
        ? "It has \(names.joined(separator: ", "))." : "Did you mean \(nearest.joined(separator: " or "))?"
      return "`\(path)` has no subcommand `\(word.escaped)`. \(advice)"
    }
    return nil
  }

  private static func dashedName(_ arguments: [String]) -> String? {
    let options = arguments.prefix { $0 != "--" }
    // A dash alone is standard input, and with one letter or a number it is left to the parser.
    let found = options.first {
      $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.count > 2 && Double($0) == nil
    }
    return found.map { "There is no option `\($0.escaped)`. If it is a file, write ./\($0.escaped)" }
  }
}
