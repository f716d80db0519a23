import ArgumentParser
import Keras

/// `keras doctor`: what happens to a picture before a model sees it.
struct Doctor: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what preprocessing does to a picture.",
    discussion: """
      Takes a picture through every stage on its way into the model, prints size, range and mean of each channel \
      after each, and says what the numbers look like. Of numbers in a .npy file it says which preprocessing has \
      made them, where that can be told: one that makes numbers like these of pixels of 0…255, with 64 levels \
      between the darkest and the brightest. No weights are fetched.

      EXAMPLES
        keras doctor photo.jpg --model resnet50
        keras doctor photo.jpg --model resnet50 --resize center-crop -o strip.png
        keras doctor batch.npy --model resnet50
        keras doctor rose.png --model flowers.keras --json

      OUTPUT
        --json  {"file", "model", "takes", "fits": [modes], "verdict", "notes", "stages":
                [{"stage", "height", "width", "channels": [{"name", "min", "max", "mean"}]}]}
      """)

  @Argument(help: "A picture, or pictures as numbers in a .npy file.", completion: .file())
  var file: String

  @OptionGroup var source: ModelSource
  @OptionGroup var pictureOptions: PictureOptions

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp("Draw the stages side by side: .png or .jpg.", valueName: "file"), completion: .file())
  var output: String?

  @Flag(help: "Print JSON.")
  var json = false

  private struct Report: Encodable {
    let file: String
    let model: String
    /// The mode that the model is fed.
    let takes: String
    let fits: [String]
    let verdict: String
    var notes: [String] = []
    var stages: [Stage]

    struct Stage: Encodable {
      let stage: String
      var height: Int?
      var width: Int?
      let channels: [Channel]
    }

    struct Channel: Encodable {
      let name: String
      let min: Float
      let max: Float
      let mean: Double
    }
  }

  func perform() throws(KerasError) -> ExitCode {
    var source = source
    let subject = try ModelSubject(source.model)
    // What happens before the first layer asks for no weights.
    if source.weights == nil, case .application = subject { source.settings.weights = "none" }
    let model = try ClassifierChoice(source).pictureModel(store: makeStore(offline: source.offline)).model
    let holdsNumbers = (try? FileKind(path: file)) == .numpyArray
    let report =
      try holdsNumbers ? numbersReport(model, subject.name) : pictureReport(model, subject.name)
    if json {
      StandardOutput.print(try jsonLine(report))
    } else {
      show(report)
    }
    return .success
  }

  private func pictureReport(_ model: ImageModel, _ name: String) throws(KerasError) -> Report {
    let found = try model.preprocessingReport(
      ofPicture: file, resizing: pictureOptions.resize,
      interpolation: pictureOptions.interpolation,
      orientation: pictureOptions.exifOrientation ? .apply : .ignore)
    if let output { try found.strip().save(to: output) }
    return Report(
      file: file, model: name, takes: model.preprocessing.rawValue,
      fits: found.verdict.fitting.map(\.rawValue), verdict: found.verdict.description, notes: found.notes,
      stages: found.stages.map { stage in
        Report.Stage(
          stage: stage.name.rawValue, height: stage.size.height, width: stage.size.width,
          channels: zip(stage.channelNames, stage.channels).map(channel))
      })
  }

  private func numbersReport(_ model: ImageModel, _ name: String) throws(KerasError) -> Report {
    if output != nil {
      throw KerasError(
        .invalidArgument, "-o is for pictures; \(file) holds numbers.", remedy: "leave -o out.")
    }
    let numbers = try NumPy.load(file)
    let verdict = try within(file) { () throws(KerasError) in try PreprocessingVerdict(of: numbers) }
    let channels = verdict.channels.enumerated().map { channel("\($0)", $1) }
    return Report(
      file: file, model: name, takes: model.preprocessing.rawValue, fits: verdict.fitting.map(\.rawValue),
      verdict: verdict.description, stages: [Report.Stage(stage: "numbers", channels: channels)])
  }

  private func channel(_ name: String, _ numbers: ChannelNumbers) -> Report.Channel {
    Report.Channel(name: name, min: numbers.minimum, max: numbers.maximum, mean: numbers.mean)
  }

  private func show(_ report: Report) {
    var table = TextColumns(
      [.left, .right, .left, .right, .right, .right],
      rows: [["stage", "size", "channel", "min", "max", "mean"]])
    for stage in report.stages {
      for (index, channel) in stage.channels.enumerated() {
        let size = stage.height.flatMap { height in stage.width.map { "\(height) × \($0)" } } ?? ""
        table.rows.append([
          index == 0 ? stage.stage : "", index == 0 ? size : "", channel.name, number(Double(channel.min)),
          number(Double(channel.max)), number(channel.mean),
        ])
      }
    }
    table.print()
    StandardOutput.print("")
    for note in report.notes { StandardOutput.print(note) }
    StandardOutput.print(report.verdict)
    StandardOutput.print(judgement(report))
  }

  /// Whether the model takes what was found, where it can be told.
  private func judgement(_ report: Report) -> String {
    let takes = "\(report.model.escaped) takes \(report.takes)"
    return switch report.fits {
    case [report.takes]: "That is what \(report.model.escaped) takes."
    case []: takes + "."
    case let fits where fits.contains(report.takes): takes + ", which is one of them."
    default: takes + ", which is something else."
    }
  }

  /// Three digits behind the point where they say something.
  private func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6 ? "\(Int(value))" : fixed(value, abs(value) < 10 ? 3 : 1)
  }
}
