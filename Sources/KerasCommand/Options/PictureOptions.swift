import ArgumentParser
import Keras

/// How pictures are read.
struct PictureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How pictures are brought to the model's size: squashed as in Keras' examples (nearest pixels, the "
        + "default), squashed smoothly, or the centre cut out as published accuracies assume.",
      valueName: "preset"))
  var resize: ResizingPreset?

  @Option(help: ArgumentHelp("Squash pictures with this filter instead.", valueName: "filter"))
  var interpolation: Interpolation?

  @Flag(help: "Turn pictures upright as their EXIF tag says, which Keras does not.")
  var exifOrientation = false

  func validate() throws {
    if resize != nil && interpolation != nil {
      throw ValidationError("Choose one of --resize and --interpolation.")
    }
  }

  /// - Parameter model: says how pictures are resized where nobody else does.
  func loader(for model: ImageModel) -> PictureLoader {
    PictureLoader(
      resizing: interpolation.map { .squash($0) } ?? .preset(resize ?? model.resizing),
      orientation: exifOrientation ? .apply : .ignore)
  }
}
