import KerasModels
import KerasPreprocessing
import Synchronization

extension ImageModel {
  /// Where the model sees a class: Grad-CAM (Selvaraju et al. 2016, equations 1 and 2).
  ///
  /// The features of a layer, `[height, width, channels]`, each channel weighted by the mean gradient of the class's
  /// score by it, summed up, without what is below zero, and divided by the largest. The score is the number before a
  /// softmax or sigmoid at the end.
  ///
  /// - Parameters:
  ///   - image: a picture of any size; it is brought to the model's.
  ///   - index: the class; nil for the likeliest. ``classIndex(named:)`` finds one by name.
  ///   - layer: the name of a layer, or its path inside nested models (`resnet50/conv5_block3_out`), that gives
  ///     pictures with the channels last; nil for the last one that does and has more than one place.
  /// - Returns: a map of the layer's height and width.
  /// - Throws: `invalidArgument` for a model without classifier, a class it does not have, a layer that gives no
  ///   pictures or that the score does not depend on; `unknownName` for a layer that is not there.
  public func gradCAM(
    of image: Image, class index: Int? = nil, at layer: String? = nil,
    interpolation: Interpolation? = nil, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> HeatMap {
    let classCount = try requiredClassCount()
    if let index { try requireClass(index) }
    let path = if let layer { layer } else { try lastLayerWithPlaces() }
    guard try self.layer(named: path).config["data_format"]?.string != "channels_first" else {
      throw KerasError(
        .unsupported, "The layer has its channels first, and maps are made of channels that come last.", path: [path],
        remedy: "name a layer with the channels last, or use occlusion.")
    }
    let picture = try preprocess([image], interpolation: interpolation).converted(to: input.dataType)
    func seed(_ index: Int?) -> Tensor {
      var seed = [Float](repeating: 0, count: isBinary ? 1 : classCount)
      // One number tells two classes apart: what speaks for the first speaks against the second.
      if let index { seed[isBinary ? 0 : index] = isBinary && index == 0 ? -1 : 1 }
      return Tensor(seed)
    }
    let program = try gradientMaps.cache(for: path).program(
      for: [picture.spec, seed(nil).spec], of: self, options: options
    ) { () throws(KerasError) in
      try within(name) { () throws(KerasError) in
        try recordedMap(at: path, of: self.layer(named: path), picture.spec, seed(nil).spec)
      }
    }
    // Which class is the likeliest, the same program says when it is asked for none.
    let chosen =
      if let index { index } else {
        try decodePredictions(program.run([picture, seed(nil)])[1], top: 1)[0][0].index
      }
    let results = try program.run([picture, seed(chosen)])
    return HeatMap(
      height: results[0].shape[1], width: results[0].shape[2], raw: results[0].scalars(),
      explained: classification(chosen, classScores(results[1])[chosen]), layer: path)
  }

  /// The map and the model's output as a graph of a picture and the classes' weights in the score.
  private func recordedMap(
    at path: String, of layer: Layer, _ picture: TensorSpec, _ weights: TensorSpec
  ) throws(KerasError) -> Graph {
    let graph = GraphBuilder()
    let context = CallContext(graph: graph, mode: .constants)
    context.watchedLayer = layer
    let (picture, weights) = (graph.input(picture), graph.input(weights))
    let output = try context.apply(self, to: [picture]).outputs[0]
    guard context.states().isEmpty else {
      throw KerasError(.unsupported, "A model that carries states from picture to picture is not explained.")
    }
    // Of a layer that is called more than once, the call that stands nearest to the classifier.
    guard let features = context.watchedOutputs.last?.first else {
      throw KerasError(
        .invalidArgument, "The layer computes nothing on the way to the output.", path: [path])
    }
    guard graph.shape(of: features).rank == 4 else { throw noPlaces(path, graph.spec(of: features)) }
    let score = graph.score(of: output)
    let seed = try graph.cast(
      graph.reshaped(weights, to: graph.shape(of: score)), to: graph.spec(of: score).dataType)
    guard let gradient = try graph.gradients(from: [(score, seed)], to: [features])[0] else {
      throw KerasError(
        .invalidArgument, "The classes' scores do not depend on the layer.", path: [path])
    }
    let importance = try graph.reduce(.mean, gradient, axes: [1, 2], keepsDimensions: true)
    let sum = try graph.reduce(.sum, graph.multiply(features, importance), axes: [3])
    let map = try graph.unary(.relu, sum)
    return graph.finish(returning: [try graph.cast(map, to: .float32), try graph.cast(output, to: .float32)])
  }

  /// The last layer that gives pictures of more than one place, as a path; nested models are looked into.
  ///
  /// What stands before all weights (rescaling, say) has learned nothing that could be explained.
  private func lastLayerWithPlaces() throws(KerasError) -> String {
    var found: String?
    var hasLearned = false
    for (path, call) in openedCalls() {
      hasLearned = hasLearned || !call.layer.weights.isEmpty
      guard hasLearned, call.outputSpecs.count == 1 else { continue }
      let shape = call.outputSpecs[0].shape
      if shape.rank == 4, shape[1] != 1 || shape[2] != 1 { found = path }
    }
    if let found { return found }
    throw KerasError(
      .invalidArgument, "No layer with weights gives features with a height and a width.", path: [name],
      remedy: "use occlusion, which looks at no layer.")
  }

  private func noPlaces(_ path: String, _ spec: TensorSpec) -> KerasError {
    KerasError(
      .invalidArgument, "The layer gives \(spec), which has no height and width.", path: [path],
      remedy: "name a layer that gives (batch, height, width, channels).")
  }
}

extension Model {
  /// The calls of layers that are no models, those of nested models in place of theirs, with the layers' paths.
  fileprivate func openedCalls(under prefix: String = "") -> [(path: String, call: LayerCall)] {
    networkCalls.flatMap { call in
      let path = prefix + call.layer.name
      if let nested = call.layer as? Model, nested.network != nil {
        return nested.openedCalls(under: path + "/")
      }
      return [(path, call)]
    }
  }
}

extension GraphBuilder {
  /// The numbers that a softmax or sigmoid made the output of, behind changes of shape and type; else the output.
  fileprivate func score(of output: Value) -> Value {
    var value = output
    while true {
      let node = graph.nodes[value.node]
      switch node.operation {
      case .reshape, .cast: value = node.inputs[0]
      case .softmax: return node.inputs[0]
      case .unary(let operation) where operation.function == .sigmoid: return node.inputs[0]
      default: return output
      }
    }
  }
}

/// The programs that make maps, by the layers' paths.
final class GradientMaps: Sendable {
  private let caches = Mutex<[String: ProgramCache]>([:])

  func cache(for path: String) -> ProgramCache {
    caches.withLock { caches in
      if let known = caches[path] { return known }
      let cache = ProgramCache()
      caches[path] = cache
      return cache
    }
  }
}
