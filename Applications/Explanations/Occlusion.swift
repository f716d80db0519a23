import KerasModels
import KerasPreprocessing

extension ImageModel {
  /// Which places of a picture a class needs: by how much its score falls when a grey square covers them (Zeiler and
  /// Fergus 2014).
  ///
  /// The square moves over the picture at the model's size; a pixel's value is the mean fall over the squares that
  /// cover it, without what is below zero, divided by the largest. It looks at no layer, and costs a prediction for
  /// each position.
  ///
  /// - Parameters:
  ///   - image: a picture of any size; it is brought to the model's.
  ///   - index: the class; nil for the likeliest.
  ///   - patch: the square's side in pixels.
  ///   - stride: how far it moves; the last one of a row or column ends at the edge.
  ///   - batchSize: predictions computed together.
  /// - Returns: a map of the model's height and width; its strength is a fall of the model's output.
  /// - Throws: `invalidArgument` for a model without classifier, a class it does not have, and a stride that leaves
  ///   places uncovered.
  public func occlusion(
    of image: Image, class index: Int? = nil, patch: Int = 32, stride: Int = 16, batchSize: Int = 32,
    interpolation: Interpolation? = nil, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> HeatMap {
    let classCount = try requiredClassCount()
    if let index { try requireClass(index) }
    guard patch > 0, (1...patch).contains(stride) else {
      throw KerasError(
        .invalidArgument,
        "A patch of \(patch) pixels that moves by \(stride) does not cover every place.", path: [name],
        remedy: "use a stride from 1 to the patch's side.")
    }
    guard batchSize > 0 else {
      throw KerasError(.invalidArgument, "A batch holds at least one picture, found batch size \(batchSize).")
    }
    let whole = try preprocess([image], interpolation: interpolation)
    let fitting = try fitted(image, interpolation)
    let output = try predict(whole, options: options)
    let chosen = if let index { index } else { try decodePredictions(output, top: 1)[0][0].index }
    let score = classScores(output)[chosen]

    var sums = [Double](repeating: 0, count: imageSize.height * imageSize.width)
    var counts = [Double](repeating: 0, count: sums.count)
    let squares = starts(imageSize.height, patch, stride).flatMap { top in
      starts(imageSize.width, patch, stride).map { left in
        Square(
          rows: top..<min(top + patch, imageSize.height), columns: left..<min(left + patch, imageSize.width))
      }
    }
    for start in Swift.stride(from: 0, to: squares.count, by: batchSize) {
      let batch = squares[start..<min(start + batchSize, squares.count)]
      let covered = try batch.map { square throws(KerasError) in try fitting.covered(by: square) }
      let scores = classScores(try predict(preprocess(covered), batchSize: batchSize, options: options))
      for (position, square) in batch.enumerated() {
        let fall = Double(score - scores[position * classCount + chosen])
        for row in square.rows {
          for column in square.columns {
            sums[row * imageSize.width + column] += fall
            counts[row * imageSize.width + column] += 1
          }
        }
      }
    }
    return HeatMap(
      height: imageSize.height, width: imageSize.width, raw: zip(sums, counts).map { Float($0 / $1) },
      explained: classification(chosen, score))
  }
}

/// Which pixels are covered.
private struct Square {
  let rows: Range<Int>
  let columns: Range<Int>
}

/// Where squares begin along an axis, so that the last ends where the axis does.
private func starts(_ length: Int, _ patch: Int, _ stride: Int) -> [Int] {
  let last = max(length - patch, 0)
  return Array(Swift.stride(from: 0, to: last, by: stride)) + [last]
}

extension Image {
  /// The picture with middle grey in place of some pixels.
  fileprivate func covered(by square: Square) throws(KerasError) -> Image {
    var pixels = pixels
    let step = mode.bytesPerPixel
    for row in square.rows {
      for index in (row * width + square.columns.lowerBound) * step..<(row * width + square.columns.upperBound) * step {
        pixels[index] = 128
      }
    }
    return try Image(width: width, height: height, mode: mode, pixels: pixels)
  }
}
