import Foundation
import KerasTestSupport
import Testing

@Suite struct HelpTests {
  static let subcommands = [
    "", "classify", "explain", "augment", "doctor", "models", "weights", "weights fetch", "weights list", "weights verify",
    "weights path", "weights prune", "summary", "inspect", "convert", "diff", "plot", "layers", "bench", "plan",
    "features", "features merge", "similar", "duplicates", "finetune", "evaluate", "predict", "devices",
  ]

  /// Compared whole with the files of Fixtures/Help.
  @Test(arguments: subcommands)
  func help(_ subcommand: String) throws {
    let words = subcommand.split(separator: " ").map(String.init)
    let outcome = try Workplace().start(words + ["--help"]).outcome()
    let name = (["keras"] + words).joined(separator: "-") + ".txt"
    let want = try String(contentsOf: Fixtures.folder.appending(path: "Help/\(name)"), encoding: .utf8)
    #expect(outcome == Outcome(output: want))
  }

  @Test(arguments: subcommands)
  func teachesByExample(_ subcommand: String) throws {
    let words = subcommand.split(separator: " ").map(String.init)
    let help = try Workplace().start(words + ["--help"]).outcome().output
    #expect(help.contains("EXAMPLES\n  keras \(subcommand)"))
    #expect(help.split(separator: "\n").filter { $0.count > 80 && !$0.hasPrefix("USAGE") } == [])
  }

  @Test func hasAVersion() throws {
    #expect(try Workplace().keras("--version") == Outcome(output: PackageVersion.current + "\n"))
    #expect(PackageVersion.current.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+/) != nil)
  }

  @Test func withoutArgumentsItIsTheHelp() throws {
    #expect(try Workplace().keras() == Workplace().keras("--help"))
  }

  /// Wrong arguments: the message, and the exit code 64.
  @Test(arguments: [
    (["classify"], "Error: Missing expected argument '<pictures> ...'"),
    (["classify", "a.png", "--json", "--csv"], "Error: Choose one of --json and --csv."),
    (["classify", "a.png", "--top", "0"], "Error: --top must be at least 1."),
    (["classify", "a.png", "--batch-size", "0"], "Error: --batch-size must be between 1 and 4096."),
    (["classify", "-", "-"], "Error: `-` can be named once."),
    (
      ["classify", "a.png", "--resize", "center-crop", "--interpolation", "box"],
      "Error: Choose one of --resize and --interpolation."
    ),
    (["classify", "a.png", "--threads", "0"], "Error: --threads must be between 1 and 1024."),
    (
      ["classify", "a.png", "--precision", "half"],
      "Error: The value 'half' is invalid for '--precision <precision>'. Please provide one of 'float32', "
        + "'tensorfloat32' or 'bfloat16'."
    ),
    (["explain", "a.png"], "Error: Name the picture to write with -o, or ask for --json."),
    (
      ["explain", "a.png", "--json", "--method", "occlusion", "--layer", "conv1"],
      "Error: --layer is for --method gradcam."
    ),
    (
      ["explain", "a.png", "--json", "--patch", "8"],
      "Error: --patch and --stride are for --method occlusion."
    ),
    (["explain", "a.png", "--json", "--opacity", "2"], "Error: --opacity must be between 0 and 1."),
    (["similar", "a.png", "--index", "a.npz", "--top", "0"], "Error: --top must be between 1 and 10000."),
    (["similar", "-", "-", "--index", "a.npz"], "Error: `-` can be named once."),
    (["duplicates"], "Error: Name pictures, or features with --index."),
    (["duplicates", "a.png", "--index", "a.npz"], "Error: Choose one of pictures and --index."),
    (["duplicates", "a.png", "--threshold", "1.1"], "Error: --threshold must be between 0 and 1."),
    (["duplicates", "-"], "Error: One picture on standard input has no duplicates."),
    (["duplicates", "--index", "a.npz", "--exact"], "Error: --exact looks at files, not at an index."),
    (["duplicates", "a", "--exact", "--threshold", "0.9"], "Error: --threshold is for features; leave --exact out."),
    (
      ["duplicates", "--index", "a.npz", "--model", "vgg16"],
      "Error: --model is for computing features, which is not done here."
    ),
    (["finetune", "a", "-o", "a.npz"], "Error: The model to write must end in .keras or .h5."),
    (
      ["finetune", "a", "-o", "a.keras", "--fine-tune-epochs", "2"],
      "Error: --fine-tune-epochs goes with --unfreeze."
    ),
    (["predict", "a.keras", "a.npy", "-o", "a.npy"], "Error: The file to write must end in .npz."),
    (["summary", "vgg16", "--pooling", "avg"], "Error: --pooling needs --no-top."),
    (
      ["inspect", "a.h5", "--json", "--after", "none"],
      "Error: --json is for what is in a file, --after for a graph."
    ),
    (["bench", "vgg16", "--repeats", "0"], "Error: --repeats must be between 1 and 1000000."),
    (
      ["convert", "a.keras", "b.json", "--weights-only"],
      "Error: --weights-only is for files that end in .h5 or .hdf5."
    ),
    (["clasify", "a.png"], "Error: `keras` has no subcommand `clasify`. Did you mean classify?"),
    (["help", "sumary"], "Error: `keras` has no subcommand `sumary`. Did you mean summary?"),
    (["weights", "fetsh", "vgg16"], "Error: `keras weights` has no subcommand `fetsh`. Did you mean fetch?"),
    (
      ["weights", "zzzzzz"],
      "Error: `keras weights` has no subcommand `zzzzzz`. It has fetch, list, verify, path, prune."
    ),
    (
      ["classify", "-dash.jpg"],
      "Error: There is no option `-dash.jpg`. If it is a file, write ./-dash.jpg"
    ),
  ])
  func wrongArguments(_ arguments: [String], _ message: String) throws {
    let outcome = try Workplace().start(arguments).outcome()
    #expect(outcome.output == "")
    #expect(outcome.errors.split(separator: "\n").first.map(String.init) == message)
    #expect(outcome.code == 64)
  }
}
