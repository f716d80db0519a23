/// Layers whose activation may be a layer with weights of its own, such as ``PReLU``: those are then part of it.
protocol ActivationHolder: Layer {
  var heldActivation: ActivationFunction { get }
}

extension Activation: ActivationHolder {
  var heldActivation: ActivationFunction { function }
}

extension Dense: ActivationHolder {
  var heldActivation: ActivationFunction { activation }
}

extension EinsumDense: ActivationHolder {
  var heldActivation: ActivationFunction { activation }
}

extension SlidingWindowLayer: ActivationHolder {
  var heldActivation: ActivationFunction { activation }
}
