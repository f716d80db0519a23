import KerasApplications
import KerasModels
import KerasTraining

extension ImageModel {
  /// Makes the model ready to be evaluated, where it is not compiled yet: as its file says it was, else with the
  /// crossentropy and accuracy that fit a classifier.
  ///
  /// - Throws: `invalidArgument` for a model without a classifier, and what is wrong with a file's settings.
  public func compileForEvaluation(
    options: ComputeOptions = ComputeOptions(purpose: .throughput)
  ) throws(KerasError) {
    guard classCount != nil else {
      throw KerasError(
        .invalidArgument, "The model ends in no classifier: its output has shape \(output.shape).",
        path: [name])
    }
    guard trainer == nil else { return }
    if let compilation = trainingState?.compilation, compilation["loss"].map({ !$0.isNull }) ?? false {
      try within("compile_config") { () throws(KerasError) in
        try compile(config: compilation, options: options)
      }
    } else if output.shape.last == 1 {
      try compile(loss: .binaryCrossentropy, metrics: [.accuracy], options: options)
    } else {
      try compile(
        loss: .sparseCategoricalCrossentropy(fromLogits: !givesProbabilities), metrics: [.accuracy],
        options: options)
    }
  }

  /// Class numbers in the form that the model's loss takes: as they are, `[count]`, or rows of a one among zeros,
  /// `[count, classes]`.
  ///
  /// - Throws: as ``Model/trainOnBatch(_:)`` for a model that is not compiled; `invalidArgument` for a number that is
  ///   no class.
  public func targets(ofClasses classes: [Int]) throws(KerasError) -> Tensor {
    let count = classCount ?? 0
    if let outside = classes.first(where: { !(0..<count).contains($0) }) {
      throw KerasError(
        .invalidArgument, "Expected class numbers from 0 to \(count - 1), found \(outside).", path: [name])
    }
    let width = (output.shape.last ?? nil) ?? count
    if width == 1 { return try Tensor(classes.map { Float($0) }, shape: [classes.count, 1]) }
    if try (trainer?.trainingState(of: self) ?? trainingState)?.takesClassNumbers ?? true {
      return Tensor(classes.map { Int32($0) })
    }
    var rows = [Float](repeating: 0, count: classes.count * width)
    for (row, number) in classes.enumerated() { rows[row * width + number] = 1 }
    return try Tensor(rows, shape: [classes.count, width])
  }
}

extension TrainingState {
  /// Whether the loss compares with numbers of classes.
  fileprivate var takesClassNumbers: Bool {
    var loss = compilation["loss"] ?? .null
    while let only = loss.array?.first
      ?? (loss.object?["class_name"] == nil ? loss.object?.first?.value : nil)
    {
      loss = only
    }
    // A function goes by its name in place of settings.
    let name = loss.string ?? loss["config"]?.string ?? loss["class_name"]?.string ?? ""
    return name.lowercased().hasPrefix("sparse")
  }
}
