import KerasGraph

// What sliding windows send back, by visiting each window and each of its taps.

/// Calls `body` with each position of the window, each tap, and the pixel under it (batch and spatial axes).
private func forEachTap(
  of window: Window, image: [Int], positions: [Int],
  _ body: (_ position: [Int], _ tap: [Int], _ pixel: [Int]) -> Void
) {
  let taps = allIndices(of: window.size)
  for position in allIndices(of: Array(positions.dropLast())) {
    for tap in taps {
      if let pixel = pixel(under: tap, of: window, at: position, image) { body(position, tap, pixel) }
    }
  }
}

/// Each element adds the kernel, times itself, to the pixels under its window.
func transposedConvolution(
  _ operation: TransposedConvolutionOperation, _ inputs: [NaiveTensor], _ shape: [Int]
) -> NaiveTensor {
  let (y, kernel) = (inputs[0], inputs[1])
  let channels = kernel.shape[operation.window.rank]
  let filters = kernel.shape[operation.window.rank + 1]
  let filtersPerGroup = filters / operation.groups
  var image = NaiveTensor(shape) { _ in 0 }
  forEachTap(of: operation.window, image: shape, positions: y.shape) { position, tap, pixel in
    let (target, weights) = (image.offset(pixel + [0]), kernel.offset(tap + [0, 0]))
    for filter in 0..<filters {
      let factor = y[position + [filter]]
      for channel in 0..<channels {
        image.elements[target + filter / filtersPerGroup * channels + channel] +=
          factor * kernel.elements[weights + channel * filters + filter]
      }
    }
  }
  return image
}

func kernelGradient(
  _ operation: ConvolutionKernelGradientOperation, _ inputs: [NaiveTensor], _ shape: [Int]
) -> NaiveTensor {
  let (image, upstream) = (inputs[0], inputs[1])
  let (channels, filters) = (shape[operation.window.rank], shape[operation.window.rank + 1])
  var gradient = NaiveTensor(shape) { _ in 0 }
  forEachTap(of: operation.window, image: image.shape, positions: upstream.shape) { position, tap, pixel in
    let (source, target) = (image.offset(pixel + [0]), gradient.offset(tap + [0, 0]))
    for filter in 0..<filters {
      let factor = upstream[position + [filter]]
      for channel in 0..<channels {
        gradient.elements[target + channel * filters + filter] +=
          image.elements[source + filter / (filters / operation.groups) * channels + channel] * factor
      }
    }
  }
  return gradient
}

/// The pixels under a window that are in the image, in row-major order.
private func pixels(under window: Window, at position: [Int], _ image: [Int]) -> [[Int]] {
  allIndices(of: window.size).compactMap { pixel(under: $0, of: window, at: position, image) }
}

/// The first pixel under a window with the largest value of `channel`.
private func firstMaximum(of image: NaiveTensor, _ pixels: [[Int]], _ channel: [Int]) -> [Int] {
  let largest = pixels.map { image[$0 + channel] }.max()
  return pixels.first { image[$0 + channel] == largest } ?? []
}

func poolingGradient(_ operation: PoolingGradientOperation, _ inputs: [NaiveTensor]) -> NaiveTensor {
  let (image, upstream) = (inputs[0], inputs[1])
  var gradient = NaiveTensor(image.shape) { _ in 0 }
  for index in allIndices(of: upstream.shape) {
    let channel = Array(index.suffix(1))
    let seen = pixels(under: operation.window, at: index, image.shape)
    switch operation.kind {
    case .maximum:
      gradient.elements[gradient.offset(firstMaximum(of: image, seen, channel) + channel)] += upstream[index]
    case .average:
      for pixel in seen {
        gradient.elements[gradient.offset(pixel + channel)] += upstream[index] / Double(seen.count)
      }
    }
  }
  return gradient
}

func poolingSelection(
  _ operation: PoolingSelectionOperation, _ inputs: [NaiveTensor], _ shape: [Int]
) -> NaiveTensor {
  NaiveTensor(shape) { index in
    let channel = Array(index.suffix(1))
    let seen = pixels(under: operation.window, at: index, inputs[0].shape)
    return inputs[1][firstMaximum(of: inputs[0], seen, channel) + channel]
  }
}
