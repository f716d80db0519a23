import ArgumentParser
import Keras

/// `keras explain`: which places of a picture speak for a class.
struct Explain: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show which places of a picture speak for a class.",
    discussion: """
      Lays a heat map over the picture and prints the class that it explains, by default the likeliest. \
      gradcam looks at the features of a layer and costs about two predictions; occlusion covers one place \
      after the other with grey, and costs a prediction for each.

      EXAMPLES
        keras explain photo.jpg --model resnet50 -o heat.png
        keras explain photo.jpg --model resnet50 --class tench -o tench.png
        keras explain rose.jpg --model flowers.keras --layer base/conv3 -o r.png
        keras explain photo.jpg --method occlusion --json > map.json

      OUTPUT
        --json  {"file", "method", "layer", "class": {"index", "id", "label",
                "probability"}, "strength", "map": [rows of numbers, 0…1]}
      """)

  enum Method: String, ExpressibleByArgument, CaseIterable { case gradcam, occlusion }

  @Argument(help: "A picture.", completion: .file())
  var picture: String

  @OptionGroup var source: ModelSource
  @OptionGroup var classNames: ClassOptions

  @OptionGroup var pictureOptions: PictureOptions

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "The class: its label, its WordNet id, or its index; the likeliest by default.", valueName: "class"))
  var wanted: String?

  @Option(help: ArgumentHelp("gradcam or occlusion.", valueName: "method"))
  var method = Method.gradcam

  @Option(
    help: ArgumentHelp(
      "The layer gradcam looks at, or its path in nested models; by default the last with a height and width.",
      valueName: "name"))
  var layer: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The side of occlusion's grey square; 32 by default.", valueName: "pixels"))
  var patch: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How far occlusion's square moves; half its side by default.", valueName: "pixels"))
  var stride: Int?

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp("The picture to write: .png or .jpg.", valueName: "file"), completion: .file())
  var output: String?

  @Option(help: ArgumentHelp("The map's colours.", valueName: "colors"))
  var colors = ColorMap.viridis

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How much the map hides of the picture, 0 to 1.", valueName: "share"))
  var opacity: Float = 0.5

  @OptionGroup var compute: ComputeArguments

  @Flag(help: "Print the map as JSON.")
  var json = false

  func validate() throws {
    if output == nil && !json { throw ValidationError("Name the picture to write with -o, or ask for --json.") }
    if layer != nil && method != .gradcam { throw ValidationError("--layer is for --method gradcam.") }
    if (patch != nil || stride != nil) && method != .occlusion {
      throw ValidationError("--patch and --stride are for --method occlusion.")
    }
    if !(0...1).contains(opacity) { throw ValidationError("--opacity must be between 0 and 1.") }
  }

  func perform() throws(KerasError) -> ExitCode {
    let choice = ClassifierChoice(source, classNames)
    let network = try choice.classifier(store: makeStore(offline: source.offline)).model
    let index = try wanted.map { (name) throws(KerasError) in try network.classIndex(named: name) }
    var loader = pictureOptions.loader(for: network)
    if network.input.shape[3] == 1 { loader.colorMode = .grayscale }
    let seen = try loader.load(.file(FileName(argument: picture)), size: network.imageSize)
    let map = try explanation(of: seen, by: network, index)
    if let output {
      let background = try loader.background(picture, seen: seen)
      try map.overlay(on: background, colors: colors, opacity: opacity).save(to: output)
    }
    if json {
      StandardOutput.print(try jsonLine(Report(map, of: picture, by: method)))
    } else {
      StandardOutput.print(sentence(map, isProbability: network.givesProbabilities))
    }
    return .success
  }

  private func explanation(of image: Image, by network: ImageModel, _ index: Int?) throws(KerasError) -> HeatMap {
    switch method {
    case .gradcam:
      return try network.gradCAM(
        of: image, class: index, at: layer, options: compute.options(purpose: .firstAnswer))
    case .occlusion:
      let side = patch ?? 32
      return try network.occlusion(
        of: image, class: index, patch: side, stride: stride ?? max(1, side / 2),
        options: compute.options(purpose: .throughput))
    }
  }

  /// `98.1 %  African elephant (386, n02504458)`.
  private func sentence(_ map: HeatMap, isProbability: Bool) -> String {
    let found = map.explained
    let number = Double(found.probability)
    let label = String(found.label.escaped.map { $0 == "_" ? " " : $0 })
    let id = found.id == found.label || found.id == "\(found.index)" ? "" : ", \(found.id.escaped)"
    let nothing = map.strength > 0 ? "" : "\nNothing in the picture speaks for it: the map is empty."
    return (isProbability ? "\(fixed(number * 100, 1)) %" : fixed(number, 3)) + "  \(label) (\(found.index)\(id))"
      + nothing
  }

  private struct Report: Encodable {
    struct Class: Encodable {
      let index: Int
      let id: String
      let label: String
      let probability: Float
    }
    let file: String
    let method: String
    let layer: String?
    let `class`: Class
    let strength: Float
    let map: [[Float]]

    init(_ map: HeatMap, of file: String, by method: Method) {
      let found = map.explained
      (self.file, self.method, layer, strength) = (file, method.rawValue, map.layer, map.strength)
      self.class = Class(index: found.index, id: found.id, label: found.label, probability: found.probability)
      self.map = (0..<map.height).map { Array(map.values[$0 * map.width..<($0 + 1) * map.width]) }
    }
  }
}
