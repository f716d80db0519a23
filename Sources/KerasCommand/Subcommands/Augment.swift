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

  @OptionGroup(title: "Changes") var changes: AugmentationOptions

  func validate() throws {
    if pictures.isEmpty { throw ValidationError("Name a picture or a folder of pictures.") }
    for (name, value, range) in [
      ("--count", count, 1...64), ("--rows", rows, 1...64), ("--size", size, 8...1024),
    ]
    where !range.contains(value) {
      throw ValidationError("\(name) must be from \(range.lowerBound) to \(range.upperBound).")
    }
  }

  func perform() throws(KerasError) -> ExitCode {
    let loader = PictureLoader(resizing: .preset(.centerCrop), orientation: .apply)
    var walk = PictureWalk(pictures)
    var images: [Image] = []
    var failures = 0
    let size = ImageSize(side: size)
    let readSize = changes.readSize(for: size)
    var larger: [Image] = []
    while images.count < rows, let picture = walk.next() {
      do throws(KerasError) {
        let image = try loader.load(picture, size: readSize)
        images.append(readSize == size ? image : try image.resized(to: size, using: .bilinear))
        larger.append(image)
      } catch {
        failures += 1
        ErrorReport(error: error).print()
      }
    }
    guard !images.isEmpty else { return .failure }
    let pixels = try Ops.stack(larger.map { $0.tensor() })
    let data = try TensorData([pixels], [], batchSize: images.count).augmented(
      by: changes.layers(for: size), seed: seed)
    var sheet = images.map { [$0] }
    for column in 0..<count {
      guard let changed = try wrappingErrors({ try data.batches(inEpoch: column) }).next() else { continue }
      for row in images.indices {
        let picture = try changed.inputs[0].rows(row..<row + 1).reshaped(to: [size.height, size.width, 3])
        let pixels = try Ops.round(picture)
        sheet[row].append(try Image(tensor: Ops.clip(pixels, low: 0, high: 255), scale: false))
      }
    }
    try Image.sheet(sheet).save(to: output)
    return failures == 0 ? .success : ExitCode(2)
  }
}
