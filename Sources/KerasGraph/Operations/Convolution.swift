/// Zeros added before and after an axis.
public struct AxisPadding: Hashable, Sendable {
  public var before: Int
  public var after: Int

  public init(_ before: Int, _ after: Int) {
    self.before = before
    self.after = after
  }
  public static let none = AxisPadding(0, 0)

  /// Not negative, and small enough to calculate with.
  var isInRange: Bool { [before, after].allSatisfy { (0...Int(Int32.max)).contains($0) } }
}

extension AxisPadding: CustomStringConvertible {
  public var description: String { "\(before)+\(after)" }
}

/// How a window slides along the spatial axes of a convolution or pooling.
public struct Window: Hashable, Sendable {
  /// Lengths of the window itself.
  public var size: [Int]
  public var strides: [Int]
  /// Distances between the elements of the window; 1 is dense.
  public var dilations: [Int]
  public var padding: [AxisPadding]

  /// Missing strides and dilations are 1, missing padding is none.
  public init(_ size: [Int], strides: [Int]? = nil, dilations: [Int]? = nil, padding: [AxisPadding]? = nil) {
    self.size = size
    self.strides = strides ?? size.map { _ in 1 }
    self.dilations = dilations ?? size.map { _ in 1 }
    self.padding = padding ?? size.map { _ in .none }
  }

  /// The number of spatial axes.
  public var rank: Int { size.count }

  /// How far the window reaches along `axis`, holes included: `(size − 1) · dilation + 1`.
  public func extent(_ axis: Int) -> Int { (size[axis] - 1) * dilations[axis] + 1 }

  /// The number of positions of the window along `axis` over `length` elements:
  /// `⌊(length + padding − extent) / stride⌋ + 1`.
  public func positions(_ axis: Int, over length: Int?) throws(KerasError) -> Int? {
    guard let length else { return nil }
    let room = length + padding[axis].before + padding[axis].after - extent(axis)
    guard room >= 0 else {
      throw KerasError(
        .shapeMismatch,
        "A window of \(extent(axis)) does not fit into \(length) elements with padding "
          + "\(padding[axis]).",
        remedy: "use a larger input, a smaller window, or padding `same`.")
    }
    return room / strides[axis] + 1
  }

  /// TensorFlow's `same` padding: `⌈length / stride⌉` positions, the odd element at the end.
  public static func samePadding(length: Int, size: Int, stride: Int, dilation: Int) -> AxisPadding {
    let positions = (length + stride - 1) / stride
    let total = max((positions - 1) * stride + (size - 1) * dilation + 1 - length, 0)
    return AxisPadding(total / 2, total - total / 2)
  }

  /// Whether every position of the window along `axis` is sure to see one of `length` elements.
  ///
  /// Padding as long as the window hides them, and so may a hole that is wider than all of them.
  func seesElements(_ axis: Int, of length: Int?) -> Bool {
    let padding = padding[axis]
    return max(padding.before, padding.after) < extent(axis)
      && (padding.before == 0 || length ?? .max >= dilations[axis])
  }

  func check(_ name: String) throws(KerasError) {
    let counts = [strides.count, dilations.count, padding.count]
    guard (1...3).contains(rank), counts.allSatisfy({ $0 == rank }) else {
      throw KerasError(
        .invalidArgument, "\(name) needs one stride, dilation and padding for each of 1 to 3 axes.")
    }
    guard (size + strides + dilations).allSatisfy({ (1...Int(Int32.max)).contains($0) }),
      padding.allSatisfy(\.isInRange)
    else {
      throw KerasError(
        .invalidArgument,
        "\(name) needs sizes, strides and dilations from 1 and padding from 0 to \(Int32.max), found \(settings)."
      )
    }
  }

  var settings: String {
    var parts = ["window \(size)"]
    if strides.contains(where: { $0 != 1 }) { parts.append("strides \(strides)") }
    if dilations.contains(where: { $0 != 1 }) { parts.append("dilations \(dilations)") }
    if padding.contains(where: { $0 != .none }) {
      parts.append("padding \(padding)")
    }
    return parts.joined(separator: " ")
  }
}

/// Convolution (cross-correlation, as everywhere in deep learning) over 1 to 3 spatial axes.
///
/// - Inputs: image `[batch, spatial…, channels]`, kernel `[window…, channels / groups, filters]`, and what
///   the epilogue adds.
/// - Output: `[batch, positions…, filters]`.
///
/// Group `g` reads channels `g·channels/groups …` and makes filters `g·filters/groups …`; a depthwise
/// convolution has as many groups as channels.
public struct ConvolutionOperation: OperationRule {
  public var window: Window
  public var groups: Int
  public var epilogue: Epilogue

  public init(_ window: Window, groups: Int = 1, epilogue: Epilogue = Epilogue()) {
    self.window = window
    self.groups = groups
    self.epilogue = epilogue
  }

  public var name: String { "convolution" }
  public var settings: String {
    window.settings + (groups == 1 ? "" : " groups \(groups)") + epilogue.settings
  }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs((2 + epilogue.inputCount)...(2 + epilogue.inputCount), inputs, name)
    try window.check(name)
    let (image, kernel) = (inputs[0], inputs[1])
    let rank = window.rank
    guard image.shape.rank == rank + 2, kernel.shape.rank == rank + 2, image.dataType == kernel.dataType,
      image.dataType.isFloatingPoint
    else {
      throw KerasError(
        .shapeMismatch,
        "A convolution over \(rank) axes takes an image and a kernel of rank \(rank + 2) and of one "
          + "floating-point type, found \(image) and \(kernel).")
    }
    guard let kernelShape = kernel.shape.known, Array(kernelShape.prefix(rank)) == window.size else {
      throw KerasError(.shapeMismatch, "Expected a kernel with window \(window.size), found \(kernel).")
    }
    let channels = image.shape[rank + 1]
    let filters = kernelShape[rank + 1]
    guard groups > 0, filters % groups == 0 else {
      throw KerasError(
        .shapeMismatch, "Expected groups that share \(filters) filters evenly, found \(groups).")
    }
    guard let expected = checkedElementCount([kernelShape[rank], groups]),
      channels == nil || channels == expected
    else {
      throw KerasError(
        .shapeMismatch,
        "Expected an image with \(kernelShape[rank])\(groups == 1 ? "" : "·\(groups)") channels, found \(image)."
      )
    }
    var shape = image.shape
    for axis in 0..<rank { shape[axis + 1] = try window.positions(axis, over: image.shape[axis + 1]) }
    shape[rank + 1] = filters
    let output = TensorSpec(shape, image.dataType)
    try epilogue.check(inputs, output: output)
    return [output]
  }

  public func inPlaceInputs(for inputs: [TensorSpec]) -> [Int] { epilogue.residualInput.map { [$0] } ?? [] }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool {
    use.hasRows.indices.allSatisfy { use.hasRows[$0] == ($0 == 0 || $0 == epilogue.residualInput) }
  }

  public func multiplyAdds(_ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> Int? {
    tapProducts(of: outputs[0], kernel: inputs[1])
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard epilogue == Epilogue() else { throw point.notDifferentiable("with a fused epilogue") }
    guard let upstream = point.upstream[0] else { return [nil, nil] }
    let graph = point.graph
    let image = try point.ifNeeded(0) { () throws(KerasError) in
      try graph.transposedConvolution(
        upstream, kernel: point.input(1), window: window, groups: groups,
        lengths: Array(graph.shape(of: point.input(0)).dropFirst().dropLast()))
    }
    let kernel = try point.ifNeeded(1) { () throws(KerasError) in
      try graph.convolutionKernelGradient(
        image: point.input(0), upstream: upstream, window: window, groups: groups)
    }
    return [image, kernel]
  }
}

/// What a convolution multiplies to make `result`, or its gradients to send that back: each element of the result meets
/// the kernel of its filter.
func tapProducts(of result: TensorSpec, kernel: TensorSpec) -> Int? {
  guard let lengths = kernel.shape.known, let results = result.shape.elementCount else { return nil }
  return checkedElementCount(lengths.dropLast() + [results])
}

extension GraphBuilder {
  /// A convolution over 1 to 3 spatial axes.
  ///
  /// - Parameters:
  ///   - image: `[batch, spatial…, channels]`.
  ///   - kernel: `[window…, channels / groups, filters]`.
  /// - Returns: `[batch, positions…, filters]`.
  /// - Throws: `shapeMismatch` where kernel, window and image do not fit.
  public func convolution(
    _ image: Value, kernel: Value, window: Window, groups: Int = 1
  ) throws(KerasError) -> Value {
    try append(.convolution(ConvolutionOperation(window, groups: groups)), [image, kernel])[0]
  }
}
