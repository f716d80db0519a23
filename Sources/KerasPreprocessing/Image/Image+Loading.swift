import KerasCore

extension Image {
  /// Pictures of more pixels than this are refused unless the caller says otherwise: Pillow's limit, about
  /// half a gigabyte in RGB.
  public static let defaultMaximumPixelCount = 178_956_970

  /// Reads a JPEG, PNG, BMP, GIF or WebP file (of moving pictures the first); which of them it is, its first bytes say.
  ///
  /// - Parameters:
  ///   - path: a file.
  ///   - colorMode: what the pixels are converted to.
  ///   - orientation: whether to turn the picture as its EXIF tag says. Keras does not, so the default does not.
  ///   - maximumPixelCount: larger pictures are refused before memory is taken for them.
  /// - Throws: `fileNotFound`, `fileAccess`, `unsupported` for a format that is not read, `invalidFile` for
  ///   anything that is not a whole picture.
  public init(
    contentsOf path: String, colorMode: ColorMode = .rgb, orientation: OrientationPolicy = .ignore,
    maximumPixelCount: Int = Image.defaultMaximumPixelCount
  ) throws(KerasError) {
    self = try Self.load(
      from: path, colorMode: colorMode, orientation: orientation, maximumPixelCount: maximumPixelCount)
  }

  /// Reads the bytes of such a file, as ``init(contentsOf:colorMode:orientation:maximumPixelCount:)``.
  public init(
    data: some Collection<UInt8>, colorMode: ColorMode = .rgb, orientation: OrientationPolicy = .ignore,
    maximumPixelCount: Int = Image.defaultMaximumPixelCount
  ) throws(KerasError) {
    self = try Self.decode(
      Array(data), colorMode, orientation, maximumPixelCount, Framing.wholePicture)
  }

  /// `keras.utils.load_img`: reads a file and resizes it, with Keras' defaults.
  ///
  /// The picture is resized while it is decoded, so memory holds little more than the result.
  ///
  /// - Parameters:
  ///   - targetSize: the size of the result; nil keeps the picture's own.
  ///   - interpolation: how it is resized.
  ///   - keepsAspectRatio: whether to cut the largest centred part with the target's proportions first,
  ///     instead of squashing the picture.
  public static func load(
    from path: String, colorMode: ColorMode = .rgb, targetSize: ImageSize? = nil,
    interpolation: Interpolation = .nearest, keepsAspectRatio: Bool = false,
    orientation: OrientationPolicy = .ignore, maximumPixelCount: Int = Image.defaultMaximumPixelCount
  ) throws(KerasError) -> Image {
    var framing = Framing.wholePicture
    if let targetSize {
      try targetSize.requireReasonable()
      framing = keepsAspectRatio ? .filled(targetSize, interpolation) : .squashed(targetSize, interpolation)
    }
    return try load(path, colorMode, orientation, maximumPixelCount, framing)
  }

  static func load(
    _ path: String, _ colorMode: ColorMode, _ orientation: OrientationPolicy, _ maximumPixelCount: Int,
    _ framing: Framing
  ) throws(KerasError) -> Image {
    try withPicture(in: path) { (bytes) throws(KerasError) in
      try decode(bytes, colorMode, orientation, maximumPixelCount, framing)
    }
  }

  /// Reads the bytes of a file that begins as a picture does; errors name it.
  static func withPicture<Result>(
    in path: String, _ body: ([UInt8]) throws(KerasError) -> Result
  ) throws(KerasError) -> Result {
    try within(path) { () throws(KerasError) in
      let bytes = try FileBytes.read(path) { (start) throws(KerasError) in
        _ = try ImageFormat(signature: start)
      }
      return try body(bytes)
    }
  }

  /// Hands the rows of the picture in a file, from top to bottom, to what `begin` makes for its size and mode; with
  /// TensorFlow's pixels.
  static func readRows(
    of path: String, colorMode: ColorMode, maximumPixelCount: Int = Image.defaultMaximumPixelCount,
    _ begin: (ImageSize, Mode) -> (UnsafeMutablePointer<UInt8>, Int) -> Void
  ) throws(KerasError) {
    try withPicture(in: path) { (bytes) throws(KerasError) in
      try withTypedBytes(of: bytes) { (bytes) throws(KerasError) in
        let decoder = try makeDecoder(
          bytes, maximumPixelCount: maximumPixelCount, dialect: .tensorFlow)
        let mode = decoder.mode(for: colorMode)
        try decoder.decodeRows(as: mode, begin(decoder.size, mode))
      }
    }
  }

  static func decode(
    _ bytes: [UInt8], _ colorMode: ColorMode, _ orientation: OrientationPolicy, _ maximumPixelCount: Int,
    _ framing: Framing
  ) throws(KerasError) -> Image {
    try withTypedBytes(of: bytes) { (bytes) throws(KerasError) in
      let decoder = try makeDecoder(bytes, maximumPixelCount: maximumPixelCount)
      let mode = decoder.mode(for: colorMode)
      func decoded(_ plan: ResizePlan?) throws(KerasError) -> Image {
        try Image(plan, decoder.size, mode) { (consume) throws(KerasError) in
          try decoder.decodeRows(as: mode, consume)
        }
      }
      let turn = orientation == .apply ? decoder.orientation : .upright
      if turn == .upright { return try decoded(framing.plan(for: decoder.size)) }
      let upright = try turn.applied(to: decoded(nil))
      return upright.resized(by: framing.plan(for: upright.size))
    }
  }

  /// Makes a picture of the rows that `rows` gives to its argument, resized by `plan`.
  private init(
    _ plan: ResizePlan?, _ size: ImageSize, _ mode: Mode,
    rows: ((UnsafeMutablePointer<UInt8>, Int) -> Void) throws(KerasError) -> Void
  ) throws(KerasError) {
    func pixels(_ consumer: consuming some RowConsumer) throws(KerasError) -> [UInt8] {
      var consumer = consumer
      try rows { row, y in consumer.consume(row, y) }
      return consumer.finish()
    }
    let result: [UInt8]
    if let plan, !plan.isIdentity {
      switch (plan.interpolation, mode) {
      case (.nearest, _): result = try pixels(NearestPicker(plan, mode))
      case (_, .grayscale16): result = try pixels(Resampler16(plan))
      default: result = try pixels(Resampler(plan, mode))
      }
    } else {
      result = try pixels(RowCollector(size, mode))
    }
    self.init(uncheckedSize: plan?.window ?? size, mode: mode, pixels: result)
  }

  func resized(by plan: ResizePlan?) -> Image {
    guard let plan, !plan.isIdentity else { return self }
    let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: bytesPerRow + ResamplingPasses.slack)
    defer { scratch.deallocate() }
    do throws(KerasError) {
      return try Image(plan, size, mode) { (consume) in
        pixels.withUnsafeBufferPointer { pixels in
          guard let start = pixels.baseAddress else { return }
          for y in 0..<height {
            scratch.update(from: start + y * bytesPerRow, count: bytesPerRow)
            consume(scratch, y)
          }
        }
      }
    } catch {
      preconditionFailure("rows in memory cannot fail: \(error)")
    }
  }

  /// The picture in another size, as `load_img` makes it.
  ///
  /// - Throws: `invalidArgument` when a side is not 1…1,000,000 or the result has more than
  ///   ``defaultMaximumPixelCount`` pixels.
  public func resized(
    to size: ImageSize, using interpolation: Interpolation = .nearest, keepsAspectRatio: Bool = false
  ) throws(KerasError) -> Image {
    try size.requireReasonable()
    let framing: Framing = keepsAspectRatio ? .filled(size, interpolation) : .squashed(size, interpolation)
    return resized(by: framing.plan(for: self.size))
  }
}

extension ImageSize {
  /// A size somebody asked for, checked before memory is taken for it.
  func requireReasonable() throws(KerasError) {
    try requireSides(of: "the target size")
    guard pixelCount <= Image.defaultMaximumPixelCount else {
      throw KerasError(
        .invalidArgument,
        "A target size of \(height) × \(width) is more than \(Image.defaultMaximumPixelCount) pixels.")
    }
  }
}

/// Lends the bytes of an array to a throwing closure without losing the type of its error.
func withTypedBytes<Result>(
  of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(KerasError) -> Result
) throws(KerasError) -> Result {
  let outcome: Swift.Result<Result, KerasError> = bytes.withUnsafeBytes { buffer in
    do throws(KerasError) {
      return .success(try body(buffer))
    } catch {
      return .failure(error)
    }
  }
  return try outcome.get()
}
