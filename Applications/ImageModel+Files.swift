import KerasModels
import KerasPreprocessing
import KerasWeights

extension ImageModel {
  /// Reads a model of pictures from any file that holds one: `.keras`, `.h5`, of any Keras.
  ///
  /// What turns pixels into input is what the file says, which it does when this package saved an ``ImageModel``. Of
  /// other files, a model that begins with a `Rescaling` takes pixels as they are; the rest must be told, because
  /// nothing else in a file says what its numbers were trained on.
  ///
  /// ```swift
  /// let model = try ImageModel(contentsOf: "saved-resnet.keras")
  /// ```
  /// - Parameters:
  ///   - labels: the names of the classes; nil for those in the file.
  ///   - imageSize: for a model that takes pictures of any size; nil for what the file says.
  ///   - resizing: how pictures of another size come to it; nil for what the file says, or Keras' way.
  /// - Throws: what `Model.load(from:)` throws, and what ``init(_:labels:imageSize:resizing:)`` throws.
  public convenience init(
    contentsOf path: String, labels: ClassLabels? = nil, imageSize: ImageSize? = nil,
    resizing: ResizingPreset? = nil
  ) throws(KerasError) {
    try self.init(Model.load(from: path), labels: labels, imageSize: imageSize, resizing: resizing)
  }

  /// Reads a model of pictures, told what turns pixels of 0…255 into its input.
  ///
  /// ```swift
  /// let mine = try ImageModel(contentsOf: "flowers.keras", preprocessing: .unit, labels: names)
  /// ```
  public convenience init(
    contentsOf path: String, preprocessing: PreprocessingMode, labels: ClassLabels? = nil,
    imageSize: ImageSize? = nil, resizing: ResizingPreset? = nil
  ) throws(KerasError) {
    try self.init(
      Model.load(from: path), preprocessing: preprocessing, labels: labels, imageSize: imageSize,
      resizing: resizing)
  }

  /// Makes a model of pictures of another one, and shares its layers and weights.
  ///
  /// - Parameters: as for ``init(contentsOf:labels:imageSize:resizing:)``.
  /// - Throws: `shapeMismatch` for a model that does not take pictures, or with other than one input and output;
  ///   `invalidArgument` where preprocessing or size is missing, or labels are not as many as classes.
  public convenience init(
    _ model: Model, labels: ClassLabels? = nil, imageSize: ImageSize? = nil,
    resizing: ResizingPreset? = nil
  ) throws(KerasError) {
    try self.init(
      model,
      ImageModelFacts(of: model, preprocessing: nil, labels: labels, imageSize: imageSize, resizing: resizing))
  }

  /// Makes a model of pictures of another one, told what turns pixels of 0…255 into its input.
  ///
  /// - Throws: as ``init(_:labels:imageSize:resizing:)``.
  public convenience init(
    _ model: Model, preprocessing: PreprocessingMode, labels: ClassLabels? = nil, imageSize: ImageSize? = nil,
    resizing: ResizingPreset? = nil
  ) throws(KerasError) {
    try self.init(
      model,
      ImageModelFacts(
        of: model, preprocessing: preprocessing, labels: labels, imageSize: imageSize, resizing: resizing))
  }

  /// Whether the output's numbers are probabilities, rather than logits or what only the model's maker knows.
  public var givesProbabilities: Bool { ["softmax", "sigmoid"].contains(finalActivation(of: self)) }

  /// Whether one number tells two classes apart.
  var isBinary: Bool { classCount == 2 && output.shape.last == 1 }
}

extension ImageModelFacts {
  /// - Parameter preprocessing: nil for what the model's file or its first layer says.
  init(
    of model: Model, preprocessing: PreprocessingMode?, labels: ClassLabels?, imageSize: ImageSize?,
    resizing: ResizingPreset?
  ) throws(KerasError) {
    self = try within(model.name) { () throws(KerasError) in
      try Self.init(from: model, preprocessing, labels, imageSize, resizing)
    }
  }

  private init(
    from model: Model, _ preprocessing: PreprocessingMode?, _ labels: ClassLabels?, _ imageSize: ImageSize?,
    _ resizing: ResizingPreset?
  ) throws(KerasError) {
    guard model.inputs.count == 1, model.outputs.count == 1, model.input.shape.rank == 4,
      let channels = model.input.shape[3], channels == 1 || channels == 3
    else { throw takesNoPictures(model) }
    let stored = try model.supplement.map { json throws(KerasError) in try StoredImageFacts(json) }
    guard
      let mode = preprocessing ?? stored?.preprocessing
        ?? (takesPixels(model) ? PreprocessingMode.none : Optional.none)
    else { throw unknownPreprocessing(of: model) }
    guard channels == 3 || mode.treatsChannelsAlike else { throw needsColours(mode, model) }
    self.preprocessing = mode
    self.imageSize = try size(of: model, imageSize ?? stored?.imageSize)
    let found = foundClassCount(of: model)
    if case let count?? = stored?.classCount, count != found {
      throw KerasError(
        .invalidFile,
        "The file says that the model knows \(count) classes; its output has shape "
          + "\(model.output.shape).")
    }
    classCount = stored?.classCount.map { $0 == nil ? nil : found } ?? found
    let names = labels ?? stored?.labels
    if let names, let classCount, names.count != classCount {
      throw KerasError(
        .invalidArgument, "\(names.count) classes are named; the model tells \(classCount) apart.")
    }
    self.labels = classCount == nil ? nil : names
    self.resizing = resizing ?? stored?.resizing ?? .kerasExample
  }
}

/// The size pictures are brought to.
private func size(of model: Model, _ wanted: ImageSize?) throws(KerasError) -> ImageSize {
  let (height, width) = (model.input.shape[1] ?? wanted?.height, model.input.shape[2] ?? wanted?.width)
  guard let height, let width, (1...16_384).contains(height), (1...16_384).contains(width) else {
    throw KerasError(
      .invalidArgument, "The model takes pictures of any size, \(model.input.shape).",
      remedy: "say which size they are brought to, with imageSize.")
  }
  if let wanted, wanted != ImageSize(height: height, width: width) {
    throw KerasError(
      .invalidArgument,
      "The model takes pictures of \(height) × \(width), not of \(wanted.height) × \(wanted.width).",
      remedy: "leave imageSize out.")
  }
  return ImageSize(height: height, width: width)
}

/// Classes by the output's shape: its numbers, or two for one sigmoid; nil where it is no list of scores.
private func foundClassCount(of model: Model) -> Int? {
  guard model.output.shape.rank == 2, let width = model.output.shape[1] else { return nil }
  if width == 1 { return finalActivation(of: model) == "sigmoid" ? 2 : nil }
  return width
}

/// The activation that the model's output went through last, as Keras spells it.
private func finalActivation(of model: Model) -> String? {
  guard let layer = model.output.origin?.layer else { return nil }
  if let nested = layer as? Model { return finalActivation(of: nested) }
  if layer.className == "Softmax" { return "softmax" }
  return layer.config["activation"]?.string
}

/// Whether the model's own first step scales pixels down.
private func takesPixels(_ model: Model) -> Bool {
  var tensor = model.input
  while true {
    let readers = model.networkCalls.filter { $0.inputs.contains(tensor) }
    guard readers.count == 1, let call = readers.first, call.outputSpecs.count == 1 else { return false }
    if let rescaling = call.layer as? Rescaling {
      return rescaling.scale.converted(to: .float32).scalars(as: Float.self).allSatisfy {
        $0 > 0 && $0 < 0.05
      }
    }
    if let nested = call.layer as? Model {
      if nested.network != nil, takesPixels(nested) { return true }
      guard nested.layers.allSatisfy(keepsPixels) else { return false }
    } else if !keepsPixels(call.layer) {
      return false
    }
    tensor = SymbolicTensor(spec: call.outputSpecs[0], origin: call, output: 0)
  }
}

/// Whether what comes out of the layer, when predicting, are pixels of the same range.
private func keepsPixels(_ layer: Layer) -> Bool {
  ["InputLayer", "Identity", "Resizing", "CenterCrop"].contains(layer.className)
    || layer.className.hasPrefix("Random")
}

// MARK: - Wording

private func takesNoPictures(_ model: Model) -> KerasError {
  let inputs = model.inputs.map { "\($0.shape)" }.joined(separator: ", ")
  let outputs = model.outputs.map { "\($0.shape)" }.joined(separator: ", ")
  return KerasError(
    .shapeMismatch,
    model.inputs.isEmpty
      ? "The model's layers are not connected, so it cannot be said whether it takes pictures."
      : "Expected a model from pictures, (batch, height, width, 1 or 3), to one output, found one from "
        + "\(inputs) to \(outputs).")
}

private func unknownPreprocessing(of model: Model) -> KerasError {
  let hint = ModelCatalog.all.last { model.name.lowercased().hasPrefix($0.modelName.lowercased()) }.map {
    " Keras' \($0.name) takes \($0.preprocessing.rawValue)."
  }
  return KerasError(
    .invalidArgument, "The file does not say what turns pixels of 0…255 into the model's input.",
    remedy: "say it with preprocessing: tf (−1…1), unit (0…1), caffe, torch or none (0…255)." + (hint ?? ""))
}

private func needsColours(_ mode: PreprocessingMode, _ model: Model) -> KerasError {
  KerasError(
    .invalidArgument,
    "The preprocessing \(mode.rawValue) is for pictures with 3 channels; the model takes \(model.input.shape)."
  )
}
