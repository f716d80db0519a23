import KerasModels

/// The weights and pictures of the golden cases that are too big to store: `formula/1`.
public enum FormulaNumbers {
  private static let generator = CounterRandom(seed: 0)

  /// A uniform number in [0, 1) for element `index` of tensor number `tensor`.
  static func uniform(_ tensor: Int, _ index: Int) -> Double {
    generator.uniform(stream: UInt64(tensor), at: UInt64(index))
  }

  /// The value of weight number `number` of a model.
  ///
  /// - Parameters:
  ///   - name: the last part of the weight's path.
  ///   - isDepthwise: whether it is the kernel of a depthwise layer.
  public static func weight(
    number: Int, name: String, shape: [Int], isDepthwise: Bool, gammaLow: Double,
    dataType: DataType = .float32
  ) -> Tensor {
    let fanIn = shape.dropLast(isDepthwise || name == "depthwise_kernel" ? 2 : 1).reduce(1, *)
    let value: (Double) -> Double =
      switch name {
      case "kernel", "depthwise_kernel", "pointwise_kernel", "recurrent_kernel", "embeddings":
        { (2 * $0 - 1) * (6 / Double(fanIn)).squareRoot() }
      case "gamma": { gammaLow + 0.4 * $0 }
      case "moving_variance", "variance": { 0.7 + 0.6 * $0 }
      default: { 0.2 * $0 - 0.1 }
      }
    let tensor = Tensor(uninitialized: shape, Float.self) { elements in
      for index in elements.indices { elements[index] = Float(value(uniform(number, index))) }
    }
    return tensor.converted(to: dataType)
  }

  /// Pixels, 0…255 in whole numbers, `[batch, height, width, channels]`.
  public static func images(first: Int, batch: Int, height: Int, width: Int, channels: Int) -> Tensor {
    let pixels = height * width * channels
    return Tensor(uninitialized: [batch, height, width, channels], Float.self) { elements in
      for index in elements.indices {
        elements[index] = Float((256 * uniform(first + index / pixels, index % pixels)).rounded(.down))
      }
    }
  }
}
