import KerasGraph

/// Cuts the middle out of pictures. Those that are too small are first cut to the new aspect ratio, then enlarged.
///
/// - Input: `[batch, height, width, channels]` or one picture without the batch; channels may stand first.
/// - Output: the same in the new size, in the layer's floating-point type.
public final class CenterCrop: Layer, @unchecked Sendable {
  @Setting("height", .required) public private(set) var height: Int
  @Setting("width", .required) public private(set) var width: Int
  @Setting("data_format") public private(set) var dataFormat: DataFormat

  public init(height: Int, width: Int, dataFormat: DataFormat = .default, name: String? = nil) {
    super.init(name: name)
    self.height = height
    self.width = width
    self.dataFormat = dataFormat
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let x = try context.graph.cast(input, to: dataTypePolicy.computeType)
    return try context.graph.transformingPictures(x, dataFormat, height: height, width: width) {
      (images, graph) throws(KerasError) in
      let shape = graph.shape(of: images)
      guard let oldHeight = shape[1], let oldWidth = shape[2] else {
        return graph.placeholder(
          TensorSpec([shape[0], height, width, shape[3]], graph.spec(of: images).dataType))
      }
      guard oldHeight < height || oldWidth < width else {
        return try graph.croppedPictures(images, height: height, width: width)
      }
      return try graph.middleResized(images, height: height, width: width)
    }
  }
}

extension GraphBuilder {
  /// The middle of pictures `[batch, height, width, channels]` in the aspect ratio of the new size, resized to it.
  func middleResized(_ images: Value, height: Int, width: Int) throws(KerasError) -> Value {
    let (shape, dataType) = (shape(of: images), spec(of: images).dataType)
    guard let oldHeight = shape[1], let oldWidth = shape[2] else {
      return placeholder(TensorSpec([shape[0], height, width, shape[3]], dataType))
    }
    let (wantedHeight, wantedWidth) = (
      Double(oldWidth) * Double(height) / Double(width), Double(oldHeight) * Double(width) / Double(height)
    )
    let cut = try croppedPictures(
      images, height: max(min(oldHeight, Int(min(wantedHeight, 1e9))), 1),
      width: max(min(oldWidth, Int(min(wantedWidth, 1e9))), 1))
    return try cast(resized(cut, height: height, width: width, .bilinear, antialiases: false), to: dataType)
  }
}
