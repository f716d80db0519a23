import ArgumentParser
import Keras

/// `keras augment`: a sheet of what random changes make of pictures.
struct Augment: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what random changes make of pictures.",
    discussion: """
      Draws a sheet: each row begins with a picture, and what the changes made of it follows. Changes are those of \
      Keras' layers, in the order of the options below; without any, pictures are flipped, turned, moved and zoomed a \
      little. The same seed draws the same sheet.

      EXAMPLES
        keras augment Photos -o sheet.png
        keras augment cat.jpg --flip both --rotation 0.1 --count 8 -o cats.png
        keras augment Photos --brightness 0.3 --contrast 0.3 --hue 0.1 -o colours.png
        keras augment Photos --rand-augment 0.4 --seed 3 -o random.png
      """)

  enum Flip: String, ExpressibleByArgument, CaseIterable {
    case horizontal, vertical, both
    var mode: RandomFlip.Mode {
      switch self {
      case .horizontal: .horizontal
      case .vertical: .vertical
      case .both: .horizontalAndVertical
      }
    }
  }

  @Argument(help: "Pictures, and folders of pictures.", completion: .file())
  var pictures: [String]

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp("The sheet to write: .png or .jpg.", valueName: "file"), completion: .file())
  var output: String

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many changed pictures stand in a row.", valueName: "n"))
  var count = 6

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many pictures at most have a row.", valueName: "n"))
  var rows = 8

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The side to which pictures are cut.", valueName: "pixels"))
  var size = 160

  @Option(parsing: .unconditional, help: ArgumentHelp("Decides what is drawn.", valueName: "n"))
  var seed: Int64 = 0

  @Option(help: ArgumentHelp("Half the pictures: horizontal, vertical or both.", valueName: "way"))
  var flip: Flip?
  @Option(parsing: .unconditional, help: ArgumentHelp("Turns each way, 0 to 1.", valueName: "share"))
  var rotation: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("Shares of the length, 0 to 1.", valueName: "share"))
  var shift: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("Nearer and farther, 0 to 1.", valueName: "share"))
  var zoom: Double?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Pixels aside for each one down, 0 to 1.", valueName: "share")
  )
  var shear: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("How far corners move, 0 to 1.", valueName: "share"))
  var perspective: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("As if printed on rubber, 0 to 1.", valueName: "share"))
  var elastic: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("Brighter and darker, 0 to 1.", valueName: "share"))
  var brightness: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("More and less, 0 to 1.", valueName: "share"))
  var contrast: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("Colours turn, 0 to 1.", valueName: "share"))
  var hue: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("How gray they may get, 0 to 1.", valueName: "share"))
  var gray: Double?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("How much of a side is covered, 0 to 1.", valueName: "share"))
  var erasing: Double?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Two of eleven changes so strong, 0 to 1.", valueName: "share"))
  var randAugment: Double?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Chains of changes so strong, 0 to 1.", valueName: "share"))
  var augMix: Double?

  func validate() throws {
    if pictures.isEmpty { throw ValidationError("Name a picture or a folder of pictures.") }
    for (name, value, range) in [
      ("--count", count, 1...64), ("--rows", rows, 1...64), ("--size", size, 8...1024),
    ]
    where !range.contains(value) {
      throw ValidationError("\(name) must be from \(range.lowerBound) to \(range.upperBound).")
    }
    let shares = [
      ("--rotation", rotation), ("--shift", shift), ("--zoom", zoom), ("--shear", shear),
      ("--perspective", perspective), ("--elastic", elastic), ("--brightness", brightness),
      ("--contrast", contrast),
      ("--hue", hue), ("--gray", gray), ("--erasing", erasing), ("--rand-augment", randAugment),
      ("--aug-mix", augMix),
    ]
    for (name, share) in shares {
      guard let share, !(0...1).contains(share) || name == "--zoom" && share == 1 else { continue }
      throw ValidationError("\(name) must be from 0 to \(name == "--zoom" ? "below 1" : "1").")
    }
  }

  private var layers: [Layer] {
    func layer(_ share: Double?, _ make: (Factor) -> Layer) -> Layer? { share.map { make(.number($0)) } }
    let chosen: [Layer?] = [
      flip.map { RandomFlip($0.mode) },
      layer(rotation) { RandomRotation($0) },
      layer(shift) { RandomTranslation(height: $0, width: $0) },
      layer(zoom) { RandomZoom($0) },
      layer(shear) { RandomShear(x: $0, y: $0) },
      perspective.map { RandomPerspective(scale: $0) },
      layer(elastic) { RandomElasticTransform(scale: $0) },
      layer(brightness) { RandomBrightness($0) },
      layer(contrast) { RandomContrast($0) },
      layer(hue) { RandomHue($0) },
      gray.map { RandomColorDegeneration(.range(0, $0)) },
      erasing.map { RandomErasing(scale: .range(0, $0 * $0)) },
      layer(randAugment) { RandAugment(factor: $0) },
      layer(augMix) { AugMix(factor: $0) },
    ]
    let layers = chosen.compactMap { $0 }
    guard layers.isEmpty else { return layers }
    return [
      RandomFlip(.horizontal), RandomRotation(0.05), RandomTranslation(height: 0.1, width: 0.1),
      RandomZoom(0.15),
    ]
  }

  func perform() throws(KerasError) -> ExitCode {
    let loader = PictureLoader(resizing: .preset(.centerCrop), orientation: .apply)
    var walk = PictureWalk(pictures)
    var images: [Image] = []
    var failures = 0
    while images.count < rows, let picture = walk.next() {
      do throws(KerasError) {
        images.append(try loader.load(picture, size: ImageSize(side: size)))
      } catch {
        failures += 1
        ErrorReport(error: error).print()
      }
    }
    guard !images.isEmpty else { return .failure }
    let batch = try Ops.stack(images.map { $0.tensor() })
    let data = try TensorData([batch], [], batchSize: images.count).augmented(by: layers, seed: seed)
    var sheet = images.map { [$0] }
    for column in 0..<count {
      guard let changed = try wrappingErrors({ try data.batches(inEpoch: column) }).next() else { continue }
      for row in images.indices {
        let pixels = try Ops.round(changed.inputs[0].rows(row..<row + 1).reshaped(to: [size, size, 3]))
        sheet[row].append(try Image(tensor: Ops.clip(pixels, low: 0, high: 255), scale: false))
      }
    }
    try Image.sheet(sheet).save(to: output)
    return failures == 0 ? .success : ExitCode(2)
  }
}
