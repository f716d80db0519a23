import KerasLayers

// Products, and what layers of networks are made of.

extension OperationKind {
  static let networks: [String: OperationKind] = [
    "Matmul": .one(.numpy, ["x1", "x2"]) { (call) throws(KerasError) in
      let (a, b) = try call.pair()
      return try call.graph.matrixProduct(a, b)
    },
    "Einsum": .one(.numpy, ["operands"], .any) { (call) throws(KerasError) in
      guard let equation = try call.settings.string("subscripts") else {
        throw call.settings.missing("subscripts")
      }
      return try call.graph.einsum(equation, call.all)
    },
    "Tensordot": .one(.numpy, ["x1", "x2"]) { (call) throws(KerasError) in
      let (a, b) = try call.pair()
      guard let axes = call.settings.value("axes"), axes.integer == nil else {
        return try call.graph.tensorDot(a, b, count: call.settings.integer("axes", default: 2))
      }
      let pairs = Configuration(["a": axes[0] ?? .null, "b": axes[1] ?? .null], of: "Tensordot")
      return try call.graph.tensorDot(a, b, axes: pairs.integers("a") ?? [], pairs.integers("b") ?? [])
    },
    "Conv": .one(.nn, ["inputs", "kernel"]) { (call) throws(KerasError) in
      let (graph, kernel) = try (call.graph, call.tensor("kernel", as: .float32))
      return try call.withLastChannels { (x, size) throws(KerasError) in
        let window = try graph.window(
          over: x, size: size, strides: call.settings.lengths("strides", rank: size.count, default: 1),
          dilations: call.settings.lengths("dilation_rate", rank: size.count, default: 1),
          call.settings.choice("padding", default: ConvolutionPadding.valid))
        // Keras tells the groups by the channels one kernel sees.
        let (channels, seen) = (
          graph.shape(of: x).last ?? nil, graph.shape(of: kernel).dropLast().last ?? nil
        )
        let groups = channels.flatMap { channels in seen.map { $0 > 0 ? max(channels / $0, 1) : 1 } }
        return try graph.convolution(x, kernel: kernel, window: window, groups: groups ?? 1)
      }
    },
    "MaxPool": pooling(.maximum), "AveragePool": pooling(.average),
    "DepthToSpace": .one(.nn) { (call) throws(KerasError) in
      let (size, format) = try call.blocks()
      let last = try call.graph.channelsLast(call.x, format)
      return try call.graph.restoringChannels(call.graph.depthToSpace(last, size), format)
    },
    "SpaceToDepth": .one(.nn) { (call) throws(KerasError) in
      let (size, format) = try call.blocks()
      let last = try call.graph.channelsLast(call.x, format)
      return try call.graph.restoringChannels(call.graph.spaceToDepth(last, size), format)
    },
    "Resize": .one(.image, ["images"]) { (call) throws(KerasError) in
      let settings = call.settings
      let size = try settings.lengths("size", rank: 2)
      let crops = try settings.boolean("crop_to_aspect_ratio", default: false)
      let pads = try settings.boolean("pad_to_aspect_ratio", default: false)
      let mode = try settings.string("fill_mode", default: "constant")
      guard mode == "constant" else { throw settings.wrong("fill_mode", "constant", .string(mode)) }
      guard !crops || !pads else {
        throw settings.wrong("pad_to_aspect_ratio", "false where pictures are cropped", true)
      }
      return try call.graph.resizedPictures(
        call.tensor("images"), height: size[0], width: size[1],
        settings.choice("interpolation", default: Resizing.Interpolation.bilinear),
        crops ? .crop : pads ? .pad(settings.number("fill_value", default: 0)) : .stretch,
        antialiases: settings.boolean("antialias", default: false), settings.dataFormat("data_format"))
    },
  ]

  private static func pooling(_ kind: PoolingOperation.Kind) -> OperationKind {
    .one(.nn, ["inputs"]) { (call) throws(KerasError) in
      try call.withLastChannels { (x, _) throws(KerasError) in
        let rank = call.graph.shape(of: x).rank - 2
        let size = try call.settings.lengths("pool_size", rank: rank)
        let strides =
          try call.settings.value("strides") == nil ? size : call.settings.lengths("strides", rank: rank)
        let window = try call.graph.window(
          over: x, size: size, strides: strides, dilations: size.map { _ in 1 },
          call.settings.choice("padding", default: ConvolutionPadding.valid))
        return try call.graph.pooling(kind, x, window: window)
      }
    }
  }
}

extension OperationOperands {
  /// Hands `inputs` to `body` with the channels last, together with the size of a kernel, and gives the result back
  /// in the order of the setting `data_format`.
  fileprivate func withLastChannels(
    _ body: (_ x: Value, _ size: [Int]) throws(KerasError) -> Value
  ) throws(KerasError) -> Value {
    let format = try settings.dataFormat("data_format")
    let x = try graph.channelsLast(graph.floating(tensor("inputs")), format)
    guard graph.shape(of: x).rank >= 3 else {
      throw KerasError(
        .shapeMismatch, "Expected [batch, spatial…, channels], found \(graph.shape(of: x)).")
    }
    let size =
      try optional("kernel", as: .float32).map { graph.shape(of: $0).dropLast(2).compactMap { $0 } } ?? []
    return try graph.restoringChannels(body(x, size), format)
  }

  fileprivate func blocks() throws(KerasError) -> (size: Int, format: DataFormat) {
    let size = try settings.requiredInteger("block_size")
    guard (1...1 << 12).contains(size), try graph.shape(of: x).rank == 4 else {
      throw KerasError(
        .invalidArgument,
        "Expected pictures of four axes and blocks from 1 on, found \(try graph.spec(of: x)).")
    }
    return (size, try settings.dataFormat("data_format"))
  }
}

extension GraphBuilder {
  fileprivate func window(
    over x: Value, size: [Int], strides: [Int], dilations: [Int], _ padding: ConvolutionPadding
  ) throws(KerasError) -> Window {
    let shape = shape(of: x)
    guard shape.rank == size.count + 2, strides.count == size.count, dilations.count == size.count else {
      throw KerasError(
        .shapeMismatch,
        "A window over \(size.count) axes needs a tensor of rank \(size.count + 2), found \(shape).")
    }
    return Window(
      size, strides: strides, dilations: dilations,
      padding: try padding.amounts(for: shape, size: size, strides: strides, dilations: dilations))
  }

  /// Channels laid out as squares of `size` × `size` pixels.
  fileprivate func depthToSpace(_ x: Value, _ size: Int) throws(KerasError) -> Value {
    let shape = shape(of: x)
    guard let channels = shape[3], channels % (size * size) == 0 else {
      throw KerasError(.shapeMismatch, "The channels of \(shape) do not fill squares of \(size) × \(size).")
    }
    let rest = channels / (size * size)
    let result: Shape = [shape[0], shape[1].map { $0 * size }, shape[2].map { $0 * size }, rest]
    guard let known = shape.known else { return placeholder(TensorSpec(result, spec(of: x).dataType)) }
    let blocks = try reshape(x, to: [known[0], known[1], known[2], size, size, rest])
    return try reshaped(transpose(blocks, [0, 1, 3, 2, 4, 5]), to: result)
  }

  /// Squares of `size` × `size` pixels as channels of one.
  fileprivate func spaceToDepth(_ x: Value, _ size: Int) throws(KerasError) -> Value {
    let shape = shape(of: x)
    guard (shape[1] ?? size) % size == 0, (shape[2] ?? size) % size == 0 else {
      throw KerasError(.shapeMismatch, "Pictures \(shape) do not consist of squares of \(size) × \(size).")
    }
    let result: Shape = [
      shape[0], shape[1].map { $0 / size }, shape[2].map { $0 / size }, shape[3].map { $0 * size * size },
    ]
    guard let known = shape.known else { return placeholder(TensorSpec(result, spec(of: x).dataType)) }
    let blocks = try reshape(x, to: [known[0], known[1] / size, size, known[2] / size, size, known[3]])
    return try reshaped(transpose(blocks, [0, 1, 3, 2, 4, 5]), to: result)
  }
}
