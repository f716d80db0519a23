import KerasCore

/// Pictures turned, moved, slanted and zoomed, with the numbers of `keras.preprocessing.image.apply_affine_transform`,
/// which has SciPy's `affine_transform` do it.
public struct AffineWarp: Hashable, Sendable {
  /// Degrees.
  public var rotation = 0.0
  /// Columns and rows: how much farther to the right and down each pixel is taken from.
  public var shiftX = 0.0
  public var shiftY = 0.0
  /// Degrees.
  public var shear = 0.0
  /// How many old columns and rows a new one spans: above 1 shows the picture smaller.
  public var zoomX = 1.0
  public var zoomY = 1.0

  public init(
    rotation: Double = 0, shiftX: Double = 0, shiftY: Double = 0, shear: Double = 0,
    zoomX: Double = 1, zoomY: Double = 1
  ) {
    (self.rotation, self.shear) = (rotation, shear)
    (self.shiftX, self.shiftY) = (shiftX, shiftY)
    (self.zoomX, self.zoomY) = (zoomX, zoomY)
  }

  /// Where the pixel (row, column) is found: at matrix · (row, column) + offset; nil where it is where it was.
  ///
  /// Keras multiplies rotation, shift, shear and zoom, moves them to the picture's middle, and changes rows and columns
  /// then, so that the middle of a picture that is no square is not quite where it should be.
  func matrix(height: Int, width: Int) -> (rows: [Double], columns: [Double])? {
    var product: [[Double]]?
    func multiply(_ m: [[Double]]) {
      guard let before = product else { return product = m }
      product = before.map { row in
        (0..<3).map { k in row[0] * m[0][k] + row[1] * m[1][k] + row[2] * m[2][k] }
      }
    }
    if rotation != 0 {
      let angle = rotation * .pi / 180
      multiply([[cosine(angle), -sine(angle), 0], [sine(angle), cosine(angle), 0], [0, 0, 1]])
    }
    if shiftX != 0 || shiftY != 0 { multiply([[1, 0, shiftX], [0, 1, shiftY], [0, 0, 1]]) }
    if shear != 0 {
      let angle = shear * .pi / 180
      multiply([[1, -sine(angle), 0], [0, cosine(angle), 0], [0, 0, 1]])
    }
    if zoomX != 1 || zoomY != 1 { multiply([[zoomX, 0, 0], [0, zoomY, 0], [0, 0, 1]]) }
    guard let m = product else { return nil }
    let (middleDown, middleRight) = (Double(height) / 2 - 0.5, Double(width) / 2 - 0.5)
    let down = m[0][2] + middleDown - m[0][0] * middleDown - m[0][1] * middleRight
    let right = m[1][2] + middleRight - m[1][0] * middleDown - m[1][1] * middleRight
    return ([m[1][1], m[1][0], right], [m[0][1], m[0][0], down])
  }
}

extension PixelGrid {
  /// The picture seen through a warp, in its size.
  ///
  /// - Parameters:
  ///   - filling: of `constant`.
  ///   - order: of the spline between pixels, 0 to 5.
  func warped(by warp: AffineWarp, _ mode: PictureFillMode, filling: Double, order: Int) -> PixelGrid {
    guard let matrix = warp.matrix(height: height, width: width), !values.isEmpty else { return self }
    // Splines of higher orders ripple: SciPy continues the picture before it fits them, where it does not fold.
    let border = order > 1 && mode == .nearest ? 12 : 0
    let grid = Samples(self, Spline(order: order), mode, border: border)
    var result = self
    result.values = [Float](unsafeUninitializedCapacity: values.count) { output, count in
      grid.sample(matrix.rows, matrix.columns, height: height, width: width, filling: filling, to: output)
      count = values.count
    }
    return result
  }

  /// What values between pixels are computed from.
  private struct Samples {
    let spline: Spline
    let mode: PictureFillMode
    let border: Int
    let height: Int
    let width: Int
    let channels: Int
    let coefficients: [Double]
    let pixels: [Float]

    init(_ grid: PixelGrid, _ spline: Spline, _ mode: PictureFillMode, border: Int) {
      (self.spline, self.mode, self.border) = (spline, mode, border)
      (height, width, channels) = (grid.height + 2 * border, grid.width + 2 * border, grid.channels)
      pixels = grid.values
      guard spline.order > 1 else {
        coefficients = []
        return
      }
      let (height, width, channels) = (height, width, channels)
      var c = [Double](repeating: 0, count: height * width * channels)
      for y in 0..<height {
        for x in 0..<width {
          let (row, column) = (
            min(max(y - border, 0), grid.height - 1), min(max(x - border, 0), grid.width - 1)
          )
          let place = (row * grid.width + column) * channels
          for channel in 0..<channels {
            c[(y * width + x) * channels + channel] = Double(grid.values[place + channel])
          }
        }
      }
      c.withUnsafeMutableBufferPointer { c in
        guard let start = c.baseAddress else { return }
        for channel in 0..<channels {
          for x in 0..<width {
            spline.filter(
              start + x * channels + channel, count: height, stride: width * channels,
              mirrorsAtPixel: mode.foldsAtBorderPixel)
          }
          for y in 0..<height {
            spline.filter(
              start + y * width * channels + channel, count: width, stride: channels,
              mirrorsAtPixel: mode.foldsAtBorderPixel)
          }
        }
      }
      coefficients = c
    }

    func sample(
      _ rows: [Double], _ columns: [Double], height outputHeight: Int, width outputWidth: Int,
      filling: Double,
      to output: UnsafeMutableBufferPointer<Float>
    ) {
      let n = spline.width
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * n) { room in
        guard let down = room.baseAddress else { return }
        let right = down + n
        for y in 0..<outputHeight {
          for x in 0..<outputWidth {
            let target = (y * outputWidth + x) * channels
            let row = rows[0] * Double(y) + rows[1] * Double(x) + rows[2] + Double(border)
            let column = columns[0] * Double(y) + columns[1] * Double(x) + columns[2] + Double(border)
            // Beyond that no picture reaches, and remainders are noise.
            guard abs(row) < 1e15, abs(column) < 1e15, let row = mode.inside(row, height),
              let column = mode.inside(column, width)
            else {
              for channel in 0..<channels { output[target + channel] = Float(filling) }
              continue
            }
            let (top, left) = (spline.weights(at: row, down), spline.weights(at: column, right))
            for channel in 0..<channels {
              var sum = 0.0
              for i in 0..<n {
                let line = mode.folded(top + i, height) * width
                for j in 0..<n {
                  let place = (line + mode.folded(left + j, width)) * channels + channel
                  let value = coefficients.isEmpty ? Double(pixels[place]) : coefficients[place]
                  sum += value * down[i] * right[j]
                }
              }
              output[target + channel] = Float(sum)
            }
          }
        }
      }
    }
  }
}
