import KerasModels
import KerasTraining

extension Tensorboard_Summary.Value {
  /// As `tf.summary.scalar` writes it.
  static func scalar(_ tag: String, _ number: Double) -> Self {
    .with {
      $0.tag = tag
      $0.metadata = .plugin("scalars", .scalar)
      $0.tensor.dtype = .dtFloat
      $0.tensor.tensorShape = .init()
      $0.tensor.floatVal = [Float(number)]
    }
  }

  /// As `tf.summary.histogram` writes it: rows of left edge, right edge and count.
  static func histogram(_ tag: String, _ numbers: [Float]) -> Self {
    let rows = histogramRows(numbers)
    return .with {
      $0.tag = tag
      $0.metadata = .plugin("histograms", .tensor)
      $0.tensor.dtype = .dtDouble
      $0.tensor.tensorShape.dim = [rows.count, 3].map { size in .with { $0.size = Int64(size) } }
      $0.tensor.doubleVal = rows.flatMap { $0 }
    }
  }

  /// The model's architecture, as Keras writes it for TensorBoard's conceptual graph.
  static func model(_ model: Model) -> Self {
    .with {
      $0.tag = "keras"
      $0.metadata = .plugin("graph_keras_model", .unknown, content: [UInt8(ascii: "1")])
      $0.tensor.dtype = .dtString
      $0.tensor.tensorShape = .init()
      $0.tensor.stringVal = [.init(model.toJSON().utf8)]
    }
  }

  /// Rows of left edge, right edge and how many numbers lie between, of equal widths; the last includes its right edge.
  ///
  /// Numbers that are none stand nowhere. Where all are the same, the last row has them, as `tf.summary.histogram` has it.
  static func histogramRows(_ numbers: [Float], count: Int = 30) -> [[Double]] {
    let finite = numbers.filter(\.isFinite)
    guard let low = finite.min().map(Double.init), let high = finite.max().map(Double.init) else {
      return Array(repeating: [0, 0, 0], count: count)
    }
    var counts = [Double](repeating: 0, count: count)
    let width = (high - low) / Double(count)
    for number in finite {
      counts[width > 0 ? min(Int((Double(number) - low) / width), count - 1) : count - 1] += 1
    }
    return counts.enumerated().map { index, found in
      [low + Double(index) * width, index == count - 1 ? high : low + Double(index + 1) * width, found]
    }
  }
}

extension Tensorboard_SummaryMetadata {
  fileprivate static func plugin(_ name: String, _ dataClass: Tensorboard_DataClass, content: [UInt8] = [])
    -> Self
  {
    .with {
      $0.pluginData.pluginName = name
      $0.pluginData.content = .init(content)
      $0.dataClass = dataClass
    }
  }
}

extension Tensorboard_GraphDef {
  /// A node for each layer, with arrows for tensors: what TensorBoard draws of a model.
  init(_ model: Model) {
    self.init()
    // What TensorFlow's own files say since version 2.
    versions.producer = 22
    for layer in (model as? Sequential)?.layersWithInput ?? model.layers {
      var inputs: [String] = []
      for call in model.networkCalls where call.layer === layer {
        inputs += call.inputs.compactMap { $0.origin?.layer.name }
      }
      node.append(
        .with {
          $0.name = layer.name
          $0.op = layer.className
          $0.input = inputs
        })
    }
  }
}
