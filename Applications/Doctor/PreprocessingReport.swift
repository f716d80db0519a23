import KerasModels
import KerasPreprocessing

/// What each stage on the way from a file to a model's input does to one picture:
/// ``ImageModel/preprocessingReport(ofPicture:resizing:interpolation:orientation:)`` makes it.
///
/// ```swift
/// let report = try model.preprocessingReport(ofPicture: "elephant.jpg")
/// for stage in report.stages { print(stage.name, stage.channels.map(\.mean)) }
/// try report.strip().save(to: "strip.png")
/// ```
public struct PreprocessingReport: Sendable {
  public enum Name: String, Hashable, Sendable, CaseIterable {
    /// As the file has it.
    case decoded
    /// In the model's colours, and upright where that was asked for.
    case converted
    /// At the model's size.
    case resized
    /// The numbers that the model is fed.
    case preprocessed
  }

  /// The picture after one stage.
  public struct Stage: Sendable {
    public let name: Name
    public let size: ImageSize
    /// What the channels are: `red`, `grey`, `opacity`.
    public let channelNames: [String]
    public let channels: [ChannelNumbers]
    /// What it looks like; the model's numbers with the smallest black and the largest white, in their order.
    public let image: Image
  }

  /// In the order of ``Name``.
  public let stages: [Stage]
  /// What people may not expect of these stages, a sentence each.
  public let notes: [String]
  /// What the model is fed, `[1, height, width, channels]`.
  public let input: Tensor
  /// What the numbers look like.
  public let verdict: PreprocessingVerdict

  /// The stages side by side, on white.
  ///
  /// - Parameter height: of each, in pixels; nil for the model's, but 64 … 512.
  /// - Throws: `invalidArgument` for another height than 1 … 4096.
  public func strip(height: Int? = nil) throws(KerasError) -> Image {
    let height = height ?? min(max(stages.last?.size.height ?? 64, 64), 512)
    guard (1...4096).contains(height) else {
      throw KerasError(.invalidArgument, "A strip is 1 … 4096 pixels high, found \(height).")
    }
    return try Image(
      sideBySide: stages.map { stage throws(KerasError) in try stage.image.fitted(to: height) })
  }
}

extension ImageModel {
  /// Takes a picture's file through everything that happens to it before the model computes, stage by stage.
  ///
  /// - Parameters:
  ///   - path: a JPEG or PNG file.
  ///   - resizing: how pictures are brought to the model's size; nil for the model's own way.
  ///   - interpolation: a filter to squash them with instead.
  ///   - orientation: whether they are turned as their EXIF tag says.
  /// - Throws: as reading pictures, and `shapeMismatch` for a model that takes other than three channels or one.
  public func preprocessingReport(
    ofPicture path: String, resizing: ResizingPreset? = nil, interpolation: Interpolation? = nil,
    orientation: OrientationPolicy = .ignore
  ) throws(KerasError) -> PreprocessingReport {
    let resizing = resizing ?? self.resizing
    let stored = try StoredPicture(contentsOf: path)
    let colors = input.shape[3] == 1 ? ColorMode.grayscale : .rgb
    let converted = try Image(contentsOf: path, colorMode: colors, orientation: orientation)
    // As classify reads it: while it is decoded.
    let resized =
      if let interpolation {
        try Image.load(
          from: path, colorMode: colors, targetSize: imageSize, interpolation: interpolation,
          orientation: orientation)
      } else {
        try Image.load(
          from: path, colorMode: colors, size: imageSize, preset: resizing, orientation: orientation)
      }
    let numbers = try preprocess([resized])
    let verdict = try PreprocessingVerdict(of: numbers)
    let isCropped = interpolation == nil && resizing == .centerCrop
    var stages = [
      PreprocessingReport.Stage(.decoded, stored.image), PreprocessingReport.Stage(.converted, converted),
      PreprocessingReport.Stage(.resized, resized),
    ]
    stages.append(
      PreprocessingReport.Stage(
        name: .preprocessed, size: imageSize,
        channelNames: preprocessing.channelNames(verdict.channels.count),
        channels: verdict.channels,
        image: try Image(tensor: numbers.reshaped(to: Array(numbers.shape.dropFirst())))))
    return PreprocessingReport(
      stages: stages,
      notes: PreprocessingReport.notes(
        stored, converted, imageSize, isTurned: orientation == .apply, isCropped: isCropped),
      input: numbers, verdict: verdict)
  }
}

extension PreprocessingReport.Stage {
  fileprivate init(_ name: PreprocessingReport.Name, _ image: Image) {
    let names = PreprocessingMode.none.channelNames(image.mode.channelCount)
    self.init(
      name: name, size: image.size, channelNames: names, channels: ChannelNumbers.of(image), image: image)
  }
}

extension PreprocessingMode {
  /// The channels of the mode's output.
  fileprivate func channelNames(_ count: Int) -> [String] {
    let colors = ["red", "green", "blue"]
    return count == 1
      ? ["grey"] : (self == .caffe ? colors.reversed() : colors + ["opacity"]).prefix(count).map { $0 }
  }
}

// MARK: - Wording

extension PreprocessingReport {
  fileprivate static func notes(
    _ stored: StoredPicture, _ converted: Image, _ size: ImageSize, isTurned: Bool, isCropped: Bool
  ) -> [String] {
    var notes: [String] = []
    if stored.isTurned, !isTurned {
      notes.append(
        "The file's EXIF tag says that the picture is to be turned; like Keras, nothing here did it.")
    }
    let channels = ChannelNumbers.of(stored.image)
    if stored.image.mode == .rgba, let opacity = channels.last, opacity.minimum < 255 {
      notes.append("Opacity was dropped, not blended: what was transparent shows the colours behind it.")
    }
    if stored.image.mode == .grayscale16, let grey = channels.first, grey.maximum > 255 {
      notes.append("The file has 16-bit grey; what is above 255 became 255, as in Pillow.")
    }
    let (before, after) = (converted.size, size)
    let stretch =
      Double(before.width * after.height) / (Double(before.height) * Double(after.width))
    if !isCropped, stretch > 1.1 || stretch < 1 / 1.1 {
      let times = Double(Int((max(stretch, 1 / stretch) * 10).rounded())) / 10
      let side = stretch > 1 ? "width" : "height"
      notes.append("Proportions changed: the picture was squashed \(times) times in its \(side).")
    }
    return notes
  }
}
