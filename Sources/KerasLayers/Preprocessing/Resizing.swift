import KerasGraph

/// Resizes pictures.
///
/// - Input: `[batch, height, width, channels]` or one picture without the batch, of any type; channels may stand first.
/// - Output: the same in the new size and the same type; integers are rounded and stay in their range.
public final class Resizing: Layer, @unchecked Sendable {
  /// What happens to pictures of another aspect ratio.
  public enum Fitting: Hashable, Sendable {
    /// They are distorted.
    case stretch
    /// What is too long is cut off at both ends.
    case crop
    /// What is too short is filled up with a value at both ends.
    case pad(Double)
  }

  @Setting("height", .required) public private(set) var height: Int
  @Setting("width", .required) public private(set) var width: Int
  @Setting("interpolation") public private(set) var interpolation: Interpolation
  @Setting("crop_to_aspect_ratio") private var crops: Bool
  @Setting("pad_to_aspect_ratio") private var pads = false
  @Setting("fill_mode", String.settingCodec.requiring("constant") { $0 == "constant" })
  private var fillMode = "constant"
  @Setting("fill_value") private var fillValue = 0.0
  @Setting("antialias") public private(set) var antialiases: Bool
  @Setting("data_format") public private(set) var dataFormat: DataFormat

  public var fitting: Fitting { crops ? .crop : pads ? .pad(fillValue) : .stretch }

  public init(
    height: Int, width: Int, interpolation: Interpolation = .bilinear, fitting: Fitting = .stretch,
    antialiases: Bool = false, dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(name: name)
    self.height = height
    self.width = width
    self.interpolation = interpolation
    self.antialiases = antialiases
    self.dataFormat = dataFormat
    crops = fitting == .crop
    if case .pad(let value) = fitting { (pads, fillValue) = (true, value) }
  }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    guard !crops || !pads else {
      throw configuration.wrong("pad_to_aspect_ratio", "false where pictures are cropped", true)
    }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try context.graph.resizedPictures(
      input, height: height, width: width, interpolation, fitting, antialiases: antialiases, dataFormat)
  }
}

extension GraphBuilder {
  /// Pictures, or one without the batch, in another size and their type; integers are rounded and stay in its range.
  package func resizedPictures(
    _ input: Value, height: Int, width: Int, _ interpolation: Resizing.Interpolation,
    _ fitting: Resizing.Fitting, antialiases: Bool, _ dataFormat: DataFormat
  ) throws(KerasError) -> Value {
    try transformingPictures(input, dataFormat, height: height, width: width) {
      (images, graph) throws(KerasError) in
      let fitted = try graph.fitted(images, height: height, width: width, fitting)
      let resized = try graph.resized(
        fitted, height: height, width: width, interpolation, antialiases: antialiases)
      return try graph.saturated(resized, to: graph.spec(of: images).dataType)
    }
  }

  /// Pictures `[batch, height, width, channels]` with the aspect ratio of a size, by cutting or filling.
  private func fitted(
    _ images: Value, height: Int, width: Int, _ fitting: Resizing.Fitting
  ) throws(KerasError) -> Value {
    let shape = shape(of: images)
    guard fitting != .stretch, let oldHeight = shape[1], let oldWidth = shape[2] else {
      // A size not known yet may become any other.
      guard fitting != .stretch else { return images }
      return placeholder(TensorSpec([shape[0], nil, nil, shape[3]], spec(of: images).dataType))
    }
    // In single precision, as Keras.
    let wantedHeight = Int(min(Float(oldWidth) * Float(height) / Float(width), 1e9))
    let wantedWidth = Int(min(Float(oldHeight) * Float(width) / Float(height), 1e9))
    switch fitting {
    case .stretch: return images
    case .crop:
      return try croppedPictures(
        images, height: max(min(oldHeight, wantedHeight), 1), width: max(min(oldWidth, wantedWidth), 1))
    case .pad(let value):
      try require(
        max(wantedHeight, wantedWidth) <= 1 << 20,
        "Pictures of \(oldHeight)×\(oldWidth) cannot be filled up to \(wantedHeight)×\(wantedWidth).")
      let above = (max(oldHeight, wantedHeight) - oldHeight) / 2
      let left = (max(oldWidth, wantedWidth) - oldWidth) / 2
      return try pad(
        images, [.none, AxisPadding(above, above), AxisPadding(left, left), .none], value: Float(value))
    }
  }
}

extension GraphBuilder {
  /// Hands pictures to `body` as a batch with the channels last, and gives its result the caller's order again.
  package func transformingPictures(
    _ input: Value, _ dataFormat: DataFormat, height: Int = 1, width: Int = 1,
    _ body: (Value, GraphBuilder) throws(KerasError) -> Value
  ) throws(KerasError) -> Value {
    let rank = shape(of: input).rank
    try require(
      (rank == 3 || rank == 4) && height > 0 && width > 0, .shapeMismatch,
      "Expected pictures of three or four axes and a size from 1, found \(spec(of: input)) and "
        + "\(height)×\(width).")
    let isFirst = dataFormat == .channelsFirst
    var images = rank == 3 ? try expandDimensions(input, axis: 0) : input
    if isFirst { images = try moveAxis(images, from: 1, to: -1) }
    var result = try body(images, self)
    if isFirst { result = try moveAxis(result, from: -1, to: 1) }
    return rank == 3 ? try squeeze(result, axes: [0]) : result
  }

  /// The middle of pictures `[batch, height, width, channels]`; the odd row or column stays at the end.
  func croppedPictures(_ images: Value, height: Int, width: Int) throws(KerasError) -> Value {
    var result = images
    for (axis, length) in [(1, height), (2, width)] {
      let old = shape(of: result)[axis] ?? length
      result = try slice(result, axis: axis, from: (old - length) / 2, count: length)
    }
    return result
  }

  /// As another type; rounded and cut to its range where that is a type of integers.
  package func saturated(_ x: Value, to dataType: DataType) throws(KerasError) -> Value {
    guard spec(of: x).dataType != dataType else { return x }
    guard !dataType.isFloatingPoint, dataType != .bool else { return try cast(x, to: dataType) }
    let bits = dataType.byteCount * 8
    let isUnsigned = dataType == .uint8
    // The largest float below a limit that is itself no float.
    let high: Float =
      isUnsigned
      ? 255
      : bits > 24
        ? Float(sign: .plus, exponent: bits - 1, significand: 1).nextDown
        : Float((1 << (bits - 1)) - 1)
    let low: Float = isUnsigned ? 0 : -Float(sign: .plus, exponent: bits - 1, significand: 1)
    return try cast(unary(.clip(low: low, high: high), unary(.round, x)), to: dataType)
  }
}
