import ArgumentParser
import Keras

/// The command `keras`. Each subcommand parses, calls the library and prints.
@main
struct KerasCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keras",
    abstract: "Classify pictures, and read, convert, compare and draw Keras models.",
    discussion: """
      Results go to standard output, progress and errors to standard error. Weights are kept where Keras \
      keeps them, in ~/.keras/models, and fetched when they are not there.

      EXAMPLES
        keras classify elephant.jpg
        keras classify holiday/ --model resnet50 --top 3 --json
        keras explain elephant.jpg --model resnet50 -o heat.png
        keras weights fetch vgg16
        keras convert emotion.hdf5 emotion.keras
        keras bench mobilenet --batch-size 32

      COMPLETION
        TAB offers models, files, passes and options, once the shell has been told:
        bash  echo 'eval "$(keras --generate-completion-script bash)"' >> ~/.bashrc
        zsh   keras --generate-completion-script zsh > ~/.zfunc/_keras
              (with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc)
        fish  keras --generate-completion-script fish | source
              (in ~/.config/fish/config.fish)

      EXIT CODES
        0   everything was done
        1   nothing was done, or a check failed; the error says why
        2   done, except for some inputs, each reported
        64  the arguments are wrong

      ENVIRONMENT
        KERAS_HOME              the folder to use instead of ~/.keras
        KERAS_BACKEND           onednn, openblas, xla, or a device as gpu:1
        KERAS_XLA_PLUGIN        the PJRT plugin to use, a file
        KERAS_NODES             machines that compute together; KERAS_NODE_ID is this
        KERAS_OFFLINE           1 forbids the network
        KERAS_WEIGHTS_BASE_URL  mirrors to fetch weights from
      """,
    version: PackageVersion.current,
    subcommands: [
      Classify.self, FineTune.self, Evaluate.self, Predict.self, Explain.self, Augment.self, Doctor.self, Features.self, FeaturesMerge.self, Similar.self,
      Duplicates.self,
      Models.self, Weights.self, Summary.self, Inspect.self, LayersCommand.self, Convert.self, Diff.self,
      Plot.self, Bench.self, Plan.self, Devices.self,
    ])

  static func main() {
    Interruption.watch()
    let arguments = FeaturesMerge.joining(Array(CommandLine.arguments.dropFirst()))
    if let mistake = ArgumentMistake(in: arguments, of: Self.self) {
      StandardError.print("Error: \(mistake.text)")
      exit(withError: ExitCode.validationFailure)
    }
    main(arguments)
  }
}

/// A subcommand whose errors are the library's: printed as `error: …`, exit code 1.
protocol LibraryCommand: ParsableCommand {
  /// Whether errors are printed with all their lines.
  var verbose: Bool { get }
  func perform() throws(KerasError) -> ExitCode
}

extension LibraryCommand {
  var verbose: Bool { false }

  func run() throws {
    let code: ExitCode
    do {
      code = try perform()
    } catch {
      ErrorReport(error: error, isWhole: verbose).print()
      throw ExitCode.failure
    }
    if code != .success { throw code }
  }
}

extension ExitCode {
  /// Done, except for some inputs.
  static let partial = ExitCode(2)
}
