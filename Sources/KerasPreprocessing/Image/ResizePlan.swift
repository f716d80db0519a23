import KerasCore

/// A resize as a whole: which part of a picture becomes which part of an output of what size.
struct ResizePlan {
  /// The size of the source picture.
  let source: ImageSize
  /// The part of the source that is stretched over the whole output.
  let columns: Range<Int>
  let rows: Range<Int>
  /// The size of the whole output.
  let output: ImageSize
  /// The part of the output that is wanted.
  let windowColumns: Range<Int>
  let windowRows: Range<Int>
  let interpolation: Interpolation

  /// Everything to everything; sides change independently.
  init(_ source: ImageSize, to output: ImageSize, _ interpolation: Interpolation) {
    self.init(source, 0..<source.width, 0..<source.height, output, interpolation)
  }

  /// The largest centred part of the source with the output's proportions, as Keras cuts it.
  init(croppingToFill output: ImageSize, from source: ImageSize, _ interpolation: Interpolation) {
    let height = min(source.height, source.width * output.height / output.width)
    let width = min(source.width, source.height * output.width / output.height)
    let left = (source.width - width) / 2
    let top = (source.height - height) / 2
    self.init(source, left..<left + width, top..<top + height, output, interpolation)
  }

  /// Everything to an output of the source's proportions of which only the centre, `crop`, is kept. It covers
  /// `fraction` of the side it touches first.
  init(centerCrop crop: ImageSize, fraction: Double, from source: ImageSize, _ interpolation: Interpolation) {
    let horizontalFactor = Double(crop.width) / Double(source.width)
    let verticalFactor = Double(crop.height) / Double(source.height)
    let factor = max(horizontalFactor, verticalFactor) / fraction
    let width = max(crop.width, Int((Double(source.width) * factor).rounded()))
    let height = max(crop.height, Int((Double(source.height) * factor).rounded()))
    let left = (width - crop.width) / 2
    let top = (height - crop.height) / 2
    self.init(
      source, 0..<source.width, 0..<source.height, ImageSize(height: height, width: width), interpolation,
      windowColumns: left..<left + crop.width, windowRows: top..<top + crop.height)
  }

  private init(
    _ source: ImageSize, _ columns: Range<Int>, _ rows: Range<Int>, _ output: ImageSize,
    _ interpolation: Interpolation, windowColumns: Range<Int>? = nil, windowRows: Range<Int>? = nil
  ) {
    self.source = source
    self.columns = columns
    self.rows = rows
    self.output = output
    self.interpolation = interpolation
    self.windowColumns = windowColumns ?? 0..<output.width
    self.windowRows = windowRows ?? 0..<output.height
  }

  /// The size of what comes out.
  var window: ImageSize { ImageSize(height: windowRows.count, width: windowColumns.count) }

  /// Whether the output is the source, untouched.
  var isIdentity: Bool { keepsSize && window == output }

  /// Whether the whole source becomes an output of the same size, of which a window may be cut.
  var keepsSize: Bool {
    output == source && columns == 0..<source.width && rows == 0..<source.height
  }

  /// Whether pixels are only picked, not mixed.
  var isCrop: Bool { columns.count == output.width && rows.count == output.height }

  /// Where the window's pixels stand in the source along an axis whose pixels are only picked.
  var sourceColumnsOfWindow: Range<Int> {
    columns.lowerBound + windowColumns.lowerBound..<columns.lowerBound + windowColumns.upperBound
  }
  var sourceRowsOfWindow: Range<Int> {
    rows.lowerBound + windowRows.lowerBound..<rows.lowerBound + windowRows.upperBound
  }

  var needsHorizontalPass: Bool { output.width != source.width || columns != 0..<output.width }
  var needsVerticalPass: Bool { output.height != source.height || rows != 0..<output.height }

  /// Pillow's choice since version 13: columns first only when the height shrinks far more than the width.
  /// Both orders round between the passes, so the results differ in the last digit.
  var startsWithHorizontalPass: Bool {
    let shrinkage = source.height - output.height
    return !(shrinkage > 0 && shrinkage > (source.width - output.width) * 2)
  }

  var horizontalAxis: ResamplingAxis {
    ResamplingAxis(
      sourceLength: source.width, box: columns, length: output.width, window: windowColumns, interpolation)
  }

  var verticalAxis: ResamplingAxis {
    ResamplingAxis(
      sourceLength: source.height, box: rows, length: output.height, window: windowRows, interpolation)
  }
}
