import KerasLayers

// What `keras.ops.image` has.

extension OperationKind {
  static let pictures: [String: OperationKind] = [
    "RGBToGrayscale": onPictures { (images, _) throws(KerasError) in images.grayscale() },
    "RGBToHSV": onPictures { (images, call) throws(KerasError) in
      try images.requireColors("rgb_to_hsv")
      return call.joined(images.hueSaturationValue())
    },
    "HSVToRGB": onPictures { (images, call) throws(KerasError) in
      try images.requireColors("hsv_to_rgb")
      let parts = try call.graph.split(images.value, into: 3, axis: -1).map { call.graph[$0] }
      return .colors(hue: parts[0], saturation: parts[1], value: parts[2])
    },
    "AffineTransform": onPictures(["images", "transform"]) { (images, call) throws(KerasError) in
      let transform = try call.graph[call.tensor("transform", as: .float32)]
      return try call.graph.projected(
        images, by: Projection(transform), call.sampling(),
        call.settings.choice("fill_mode", default: PictureFilling.constant),
        value: call.settings.number("fill_value", default: 0))
    },
    "PerspectiveTransform": onPictures(["images", "start_points", "end_points"]) {
      (images, call) throws(KerasError) in
      try call.graph.projected(
        images, by: Projection(from: call.corners("start_points"), to: call.corners("end_points")),
        call.sampling(), .constant, value: call.settings.number("fill_value", default: 0))
    },
    "GaussianBlur": onPictures { (images, call) throws(KerasError) in
      let size = try call.settings.lengths("kernel_size", rank: 2, default: 3)
      let sigma = try call.settings.numbers("sigma") ?? [1, 1]
      guard size.allSatisfy({ (1...255).contains($0) }), sigma.count == 2, sigma.allSatisfy({ $0 > 0 }) else {
        throw KerasError(
          .invalidArgument,
          "A bell needs two sizes from 1 to 255 and two deviations above 0, found \(size) and \(sigma).")
      }
      let deviations = call.graph.constant(Tensor(sigma.map { Float($0) }))
      return try call.graph.blurred(images, size, deviations: call.graph[deviations])
    },
    "ExtractPatches": onPictures { (images, call) throws(KerasError) in
      let settings = call.settings
      let size = try settings.lengths("size", rank: 2)
      let strides = settings.value("strides") == nil ? size : try settings.lengths("strides", rank: 2)
      let dilations = try settings.lengths("dilation_rate", rank: 2, default: 1)
      let padding = try settings.choice("padding", default: ConvolutionPadding.valid)
      let amounts = try padding.amounts(
        for: images.spec.shape, size: size, strides: strides, dilations: dilations)
      let window = Window(size, strides: strides, dilations: dilations, padding: amounts)
      return try call.graph[call.graph.patches(images.value, window: window)]
    },
    "CropImages": onPictures { (images, call) throws(KerasError) in
      let shape = try images.spec.shape
      let rows = try call.cropping(shape[1], "top_cropping", "bottom_cropping", "target_height")
      let columns = try call.cropping(shape[2], "left_cropping", "right_cropping", "target_width")
      let cut = try call.graph.slice(images.value, axis: 1, from: rows.start, count: rows.count)
      return try call.graph[call.graph.slice(cut, axis: 2, from: columns.start, count: columns.count)]
    },
    "PadImages": onPictures { (images, call) throws(KerasError) in
      let shape = try images.spec.shape
      let rows = try call.padding(shape[1], "top_padding", "bottom_padding", "target_height")
      let columns = try call.padding(shape[2], "left_padding", "right_padding", "target_width")
      return try call.graph[call.graph.pad(images.value, [.none, rows, columns, .none])]
    },
    "MapCoordinates": .one(.image, ["inputs", "coordinates"]) { (call) throws(KerasError) in
      let graph = call.graph
      let (x, places) = try (call.tensor("inputs"), call.tensor("coordinates", as: .float32))
      let type = graph.spec(of: x).dataType
      let order = try call.settings.integer("order", default: 1)
      guard (0...1).contains(order) else { throw call.settings.wrong("order", "0 or 1", .integer(order)) }
      let axes = try graph.unstack(graph.floating(places), axis: 0).map { graph[$0] }
      let values = try graph.values(
        of: graph[graph.floating(x)], at: axes, order == 0 ? .nearest : .bilinear,
        call.settings.choice("fill_mode", default: CoordinateFilling.constant),
        value: call.settings.number("fill_value", default: 0))
      return try graph.saturated(values.value, to: type)
    },
  ]

  /// An operation on pictures of any order of axes, or on one; computed in floating point, and of their type again.
  private static func onPictures(
    _ parameters: [String] = ["images"],
    _ record: @escaping @Sendable (RecordedValue, OperationOperands) throws(KerasError) -> RecordedValue
  ) -> OperationKind {
    .one(.image, parameters) { (call) throws(KerasError) in
      let images = try call.tensor("images")
      let type = call.graph.spec(of: images).dataType
      return try call.graph.transformingPictures(images, call.settings.dataFormat("data_format")) {
        (images, graph) throws(KerasError) in
        try graph.saturated(record(graph[graph.floating(images)], call).value, to: type)
      }
    }
  }
}

extension OperationOperands {
  fileprivate func joined(_ parts: [RecordedValue]) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      var values: [Value] = []
      for part in parts { values.append(try part.value) }
      return try graph.concatenate(values, axis: -1)
    }
  }

  fileprivate func sampling() throws(KerasError) -> PictureSampling {
    try settings.choice("interpolation", default: .bilinear)
  }

  /// Four corners of each picture, or of all.
  fileprivate func corners(_ name: String) throws(KerasError) -> RecordedValue {
    let points = try graph.floating(tensor(name, as: .float32))
    let shape = graph.shape(of: points)
    guard (2...3).contains(shape.rank), Array(shape.suffix(2)) == [4, 2] else {
      throw KerasError(.shapeMismatch, "`\(name)` must be four points for each picture, found \(shape).")
    }
    return try graph[shape.rank == 2 ? graph.expandDimensions(points, axis: 0) : points]
  }

  /// Two of three amounts say the third.
  private func amounts(
    _ before: String, _ after: String, _ target: String
  ) throws(KerasError) -> (before: Int?, after: Int?, target: Int?) {
    let amounts = try (settings.integer(before), settings.integer(after), settings.integer(target))
    let said = [amounts.0, amounts.1, amounts.2].compactMap { $0 }
    guard said.count == 2, said.allSatisfy({ (0...1 << 20).contains($0) }) else {
      throw KerasError(
        .invalidArgument, "Give two of `\(before)`, `\(after)` and `\(target)`, from 0 up.")
    }
    return amounts
  }

  fileprivate func cropping(
    _ length: Int?, _ before: String, _ after: String, _ target: String
  ) throws(KerasError) -> (start: Int, count: Int?) {
    let amounts = try amounts(before, after, target)
    guard let length else { return (amounts.before ?? 0, amounts.target) }
    let count = amounts.target ?? length - (amounts.before ?? 0) - (amounts.after ?? 0)
    let start = amounts.before ?? length - count - (amounts.after ?? 0)
    guard start >= 0, count >= 0, start + count <= length else {
      throw KerasError(
        .shapeMismatch, "\(length) pixels cannot be cropped to \(count) from number \(start) on.")
    }
    return (start, count)
  }

  fileprivate func padding(
    _ length: Int?, _ before: String, _ after: String, _ target: String
  ) throws(KerasError) -> AxisPadding {
    let amounts = try amounts(before, after, target)
    guard let length else { return AxisPadding(amounts.before ?? 0, amounts.after ?? 0) }
    let whole = amounts.target ?? length + (amounts.before ?? 0) + (amounts.after ?? 0)
    let first = amounts.before ?? whole - length - (amounts.after ?? 0)
    guard first >= 0, whole - length - first >= 0 else {
      throw KerasError(.shapeMismatch, "\(length) pixels cannot be padded to \(whole).")
    }
    return AxisPadding(first, whole - length - first)
  }
}
