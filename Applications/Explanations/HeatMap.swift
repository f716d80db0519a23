import KerasModels

/// How much each place of a picture speaks for a class: ``ImageModel/gradCAM(of:class:at:interpolation:options:)``
/// and ``ImageModel/occlusion(of:class:patch:stride:batchSize:interpolation:options:)`` make them.
///
/// ```swift
/// let map = try model.gradCAM(of: photo)
/// print(map.explained.label, map[3, 3])
/// try map.overlay(on: photo).save(to: "heat.png")
/// ```
/// It covers the whole picture, whatever its own height and width are.
public struct HeatMap: Hashable, Sendable {
  public let height: Int
  public let width: Int
  /// 0…1, row by row from the top; the largest is 1, unless nothing speaks for the class: then all are 0.
  public let values: [Float]
  /// What the value 1 stands for, in the numbers of the method: by which it was divided.
  public let strength: Float
  /// The class that is explained, and what the model gave it.
  public let explained: Classification
  /// The path of the layer whose features were looked at; nil where none was.
  public let layer: String?

  /// - Parameter raw: `height · width` numbers; what is below zero speaks against the class and becomes 0.
  init(height: Int, width: Int, raw: [Float], explained: Classification, layer: String? = nil) {
    precondition(raw.count == height * width, "a map of another size")
    (self.height, self.width, self.explained, self.layer) = (height, width, explained, layer)
    let kept = raw.map { max($0, 0) }
    let largest = kept.max() ?? 0
    strength = largest
    values = largest > 0 ? kept.map { $0 / largest } : kept
  }

  /// The value at a place, counted from the top left.
  public subscript(row: Int, column: Int) -> Float { values[row * width + column] }

  /// As a tensor `[height, width]`.
  public var tensor: Tensor {
    Tensor(uninitialized: [height, width], Float.self) { output in
      for (index, value) in values.enumerated() { output[index] = value }
    }
  }
}
