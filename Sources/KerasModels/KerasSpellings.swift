import KerasLayers

// What a person who knows Keras types first: the compiler points to the spelling here.

extension Model {
  @available(*, unavailable, renamed: "layer(named:)")
  public func getLayer(_ name: String) throws(KerasError) -> Layer { try layer(named: name) }

  @available(*, unavailable, renamed: "layer(named:)")
  public func getLayer(name: String) throws(KerasError) -> Layer { try layer(named: name) }

  @available(*, unavailable, message: "ask the tensor: model.input.shape")
  public var inputShape: Shape { input.shape }

  @available(*, unavailable, message: "ask the tensor: model.output.shape")
  public var outputShape: Shape { output.shape }
}

@available(*, unavailable, renamed: "Model.load(from:)")
public func loadModel(_ path: String) throws(KerasError) -> Model { try Model.load(from: path) }
