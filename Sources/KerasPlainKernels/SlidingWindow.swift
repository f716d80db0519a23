import KerasGraph

/// A window over exactly three spatial axes; of one or two, the outer ones have a single element.
struct SlidingWindow: Sendable {
  struct Axis: Sendable {
    /// Elements of the image.
    let length: Int
    /// Where the window stops: elements of the output.
    let positions: Int
    /// Elements of the window.
    let size: Int
    let stride: Int
    let dilation: Int
    let paddingBefore: Int

    /// The element of the image, or of its padding, under the window's first tap.
    @inline(__always) func start(_ position: Int) -> Int { position * stride - paddingBefore }

    /// The taps of the window that are over the image, not over its padding.
    func taps(_ position: Int) -> Range<Int> {
      let start = start(position)
      let first = start < 0 ? (dilation - 1 - start) / dilation : 0
      let end = start < length ? min(size, (length - 1 - start) / dilation + 1) : 0
      return first..<max(first, end)
    }
  }

  let batch: Int
  let depth, height, width: Axis

  /// - Parameters:
  ///   - image: `[batch, spatial…, channels]`
  ///   - output: `[batch, positions…, channels or filters]`
  init(_ window: Window, image: [Int], output: [Int]) {
    var axes = (0..<window.rank).map { axis in
      Axis(
        length: image[axis + 1], positions: output[axis + 1], size: window.size[axis],
        stride: window.strides[axis], dilation: window.dilations[axis],
        paddingBefore: window.padding[axis].before)
    }
    let single = Axis(length: 1, positions: 1, size: 1, stride: 1, dilation: 1, paddingBefore: 0)
    while axes.count < 3 { axes.insert(single, at: 0) }
    batch = image[0]
    (depth, height, width) = (axes[0], axes[1], axes[2])
  }

  /// Positions of the window over all images: rows of the output.
  var rowCount: Int { batch * depth.positions * height.positions * width.positions }
  var tapCount: Int { depth.size * height.size * width.size }

  /// Whether each position sees just the element at the same place: a 1×1 window that visits every element.
  var isPointwise: Bool {
    [depth, height, width].allSatisfy { axis in
      axis.size == 1 && axis.stride == 1 && axis.positions == axis.length && axis.paddingBefore == 0
    }
  }

  /// Which image, and where in it, row `row` of the output is.
  @inline(__always)
  func place(_ row: Int) -> (image: Int, depth: Int, height: Int, width: Int) {
    let (rest, x) = row.quotientAndRemainder(dividingBy: width.positions)
    let (outer, y) = rest.quotientAndRemainder(dividingBy: height.positions)
    let (image, z) = outer.quotientAndRemainder(dividingBy: depth.positions)
    return (image, z, y, x)
  }

  /// Calls `body` with each tap over the image at output row `row` and the pixel under it: numbers of the
  /// tap in the window and of the pixel in the whole batch.
  @inline(__always)
  func forEachTap(of row: Int, _ body: (_ tap: Int, _ pixel: Int) -> Void) {
    let place = place(row)
    for z in depth.taps(place.depth) {
      let plane = place.image * depth.length + depth.start(place.depth) + z * depth.dilation
      for y in height.taps(place.height) {
        let line = plane * height.length + height.start(place.height) + y * height.dilation
        for x in width.taps(place.width) {
          let pixel = line * width.length + width.start(place.width) + x * width.dilation
          body((z * height.size + y) * width.size + x, pixel)
        }
      }
    }
  }
}
