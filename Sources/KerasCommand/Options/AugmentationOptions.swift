import ArgumentParser
import Keras

/// Random changes of pictures: those of Keras' layers, in the order of the options.
struct AugmentationOptions: ParsableArguments {
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

  @Option(help: ArgumentHelp("Half the pictures: horizontal, vertical or both.", valueName: "way"))
  var flip: Flip?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How much of each side is cut off, 0 to 0.75.", valueName: "share"))
  var crop: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("Turns each way, 0 to 1.", valueName: "share"))
  var rotation: Double?
  @Option(parsing: .unconditional, help: ArgumentHelp("Shares of the length, 0 to 1.", valueName: "share"))
  var shift: Double?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Nearer and farther, 0 to below 1.", valueName: "share"))
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

  /// Every share that was given, with its option's name.
  private var shares: [(name: String, share: Double)] {
    [
      ("--crop", crop), ("--rotation", rotation), ("--shift", shift), ("--zoom", zoom), ("--shear", shear),
      ("--perspective", perspective), ("--elastic", elastic), ("--brightness", brightness),
      ("--contrast", contrast), ("--hue", hue), ("--gray", gray), ("--erasing", erasing),
      ("--rand-augment", randAugment), ("--aug-mix", augMix),
    ].compactMap { name, share in share.map { (name, $0) } }
  }

  func validate() throws {
    for (name, share) in shares {
      let (isRight, limit) =
        switch name {
        case "--crop": ((0...Self.largestCrop).contains(share), "\(Self.largestCrop)")
        case "--zoom": ((0..<1).contains(share), "below 1")
        default: ((0...1).contains(share), "1")
        }
      if !isRight { throw ValidationError("\(name) must be from 0 to \(limit).") }
    }
  }

  /// What is read four times as high and wide as it is needed is large enough.
  private static let largestCrop = 0.75

  var isEmpty: Bool { flip == nil && shares.isEmpty }

  /// The size in which pictures are read that are to have a size after the changes: a larger one, where some of it is
  /// cut off.
  func readSize(for size: ImageSize) -> ImageSize {
    func whole(_ side: Int) -> Int { crop.map { Int((Double(side) / (1 - $0)).rounded(.up)) } ?? side }
    return ImageSize(height: whole(size.height), width: whole(size.width))
  }

  /// The changes, after which pictures have a size. Where none is named, they are flipped, turned, moved and zoomed a
  /// little.
  func layers(for size: ImageSize) -> [Layer] {
    func layer(_ share: Double?, _ make: (Factor) -> Layer) -> Layer? { share.map { make(.number($0)) } }
    let chosen: [Layer?] = [
      flip.map { RandomFlip($0.mode) },
      crop.map { _ in RandomCrop(height: size.height, width: size.width) },
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
}

extension AugmentationOptions: CustomStringConvertible {
  var description: String {
    let words = (flip.map { ["--flip \($0.rawValue)"] } ?? []) + shares.map { "\($0.name) \($0.share)" }
    return words.isEmpty ? "usual" : words.joined(separator: " ")
  }
}
